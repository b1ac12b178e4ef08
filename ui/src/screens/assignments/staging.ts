import type { Problem } from '$lib/bindings';
import type { DayFields } from '$lib/dates';
import { judgePeriod, type Period } from '$lib/period';
import { invalid } from '$lib/problem';

/** What all new assignments of one step have in common. */
export interface Staged {
  start: DayFields;
  end: DayFields;
  reads: 'all' | 'own' | null;
}

/** The most that the store takes in one step. */
export const MOST = 1_000;

/** What stands in the way of making the new assignments, and their dates and choice when nothing does. */
export function judgeStaged(
  staged: Staged,
  asks: boolean,
): { problems: Problem[]; period: Period; reads_all: boolean | null } {
  const { problems, period } = judgePeriod(staged.start, staged.end);
  if (asks && !staged.reads) {
    const message = 'Choose how much is read: everything, or only conversations they are part of.';
    problems.unshift(invalid('reads_all', message));
  }
  return { problems, period, reads_all: staged.reads === null ? null : staged.reads === 'all' };
}
