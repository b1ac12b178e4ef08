import { describe, expect, it } from 'vitest';
import type { Succession } from '$lib/bindings';
import { whatHappened } from './words';

const one: Succession = {
  from: { urn: '100001', id: 'a', name: 'Northfield School', closed_on: '2024-08-31' },
  to: { urn: '100002', id: 'b', name: 'Northfield Academy', closed_on: null },
  kind: 'became',
  on: '2024-09-01',
  users: 2,
  pupils: 3,
  decision: null,
  decided_at: null,
};

describe('what became of an establishment', () => {
  it('is a sentence for each kind', () => {
    expect(whatHappened(one)).toBe('Northfield School became Northfield Academy on 1 September 2024');
    expect(whatHappened({ ...one, kind: 'merged', on: null })).toBe('Northfield School merged into Northfield Academy');
    expect(whatHappened({ ...one, kind: 'split', on: null })).toBe(
      'Northfield School was split, and Northfield Academy is a part of it',
    );
    expect(whatHappened({ ...one, kind: 'unknown', on: null })).toBe('Northfield Academy came after Northfield School');
  });
});
