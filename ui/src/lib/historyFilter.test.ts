import { describe, expect, it } from 'vitest';
import { NO_FILTER, searchOf } from './historyFilter';

describe('the filter of a history', () => {
  it('becomes a search', () => {
    expect(searchOf(NO_FILTER)).toBe('');
    expect(searchOf({ words: ' taxi ', from: 'Priya Shah', since: '1/9/2026', until: '4 March 2027' })).toBe(
      'taxi from:"Priya Shah" after:"1/9/2026" until:"4 March 2027"',
    );
    expect(searchOf({ ...NO_FILTER, from: '"Priya" “' })).toBe('from:"Priya"');
  });
});
