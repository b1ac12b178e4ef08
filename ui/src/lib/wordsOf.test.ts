import { describe, expect, it } from 'vitest';
import { fits } from './wordsOf';

describe('what can be done', () => {
  it('is found by the beginnings of its words, in any order and any case', () => {
    expect(fits('me NEW', 'New message', 'write')).toBe(true);
    expect(fits('wri', 'New message', 'write compose')).toBe(true);
    expect(fits('essage', 'New message')).toBe(false);
    expect(fits('', 'New message')).toBe(true);
  });
});
