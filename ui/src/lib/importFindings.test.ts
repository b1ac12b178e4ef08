import { describe, expect, it } from 'vitest';
import type { FindingCode } from './bindings';
import { judgedAgain, kindOptions, nameOf } from './importFindings';

describe('the kinds of findings', () => {
  const kinds = [
    { severity: 'error', code: 'bad_email', count: 1_200 },
    { severity: 'error', code: 'unknown_urn', count: 3 },
    { severity: 'warning', code: 'urn_blank', count: 2 },
  ] as const;

  it('are offered with their counts, in the order of the store', () => {
    expect(kindOptions(kinds, null)).toEqual([
      ['all', 'All kinds'],
      ['bad_email', 'Not an e-mail address (1,200)'],
      ['unknown_urn', 'URN not known (3)'],
      ['urn_blank', 'No URN (2)'],
    ]);
  });

  it('are those of the severity that is shown', () => {
    expect(kindOptions(kinds, 'warning').map(([code]) => code)).toEqual(['all', 'urn_blank']);
  });

  it('have a name even when a newer store brings one', () => {
    expect(nameOf('a_new_kind' as FindingCode)).toBe('A new kind');
  });
});

describe('a row judged again', () => {
  it('is announced with what is left', () => {
    expect(judgedAgain(14, 0, 0)).toBe('Row 14 has no error now.');
    expect(judgedAgain(14, 0, 1)).toBe('Row 14 has no error now, and a warning.');
    expect(judgedAgain(1_400, 1, 2)).toBe('Row 1,400 still has an error.');
    expect(judgedAgain(14, 2, 0)).toBe('Row 14 still has 2 errors.');
  });
});
