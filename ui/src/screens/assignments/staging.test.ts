import { describe, expect, it } from 'vitest';
import { toFields } from '$lib/dates';
import { judgeStaged, type Staged } from './staging';

const none: Staged = { start: toFields(null), end: toFields(null), reads: null };

describe('new assignments', () => {
  it('need a choice of how much is read, where the role asks for one', () => {
    expect(judgeStaged(none, true).problems.map((problem) => problem.field)).toEqual(['reads_all']);
    expect(judgeStaged(none, false)).toEqual({
      problems: [],
      period: { start: null, end: null },
      reads_all: null,
    });
    expect(judgeStaged({ ...none, reads: 'own' }, true).reads_all).toBe(false);
  });

  it('have real days in their order', () => {
    const staged: Staged = { start: toFields('2026-09-01'), end: toFields('2026-07-20'), reads: 'all' };
    expect(judgeStaged(staged, true).problems.map((problem) => problem.field)).toEqual(['end']);
    expect(judgeStaged({ ...staged, end: { day: '31', month: '2', year: '2027' } }, true).problems).toHaveLength(1);
    expect(judgeStaged({ ...staged, end: toFields('2026-09-01') }, true)).toMatchObject({
      problems: [],
      period: { start: '2026-09-01', end: '2026-09-01' },
    });
  });
});
