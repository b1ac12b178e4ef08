import type { LeftPupils, Problem, User } from '$lib/bindings';
import { invalid } from '$lib/problem';
import { seesByAssignment } from '$lib/userWords';

/** How much someone reads of what was written about their pupils: as it was, all, or only conversations of their own. */
export type Reads = 'same' | 'all' | 'own';

/** What becomes of the pupils of someone who leaves, as it stands in the form. Nothing of it is chosen beforehand. */
export interface LeftForm {
  choice: 'hand_over' | 'leave' | 'skip' | null;
  to: User | null;
  reads: Reads | null;
}

/** Nothing chosen yet. */
export function emptyLeft(): LeftForm {
  return { choice: null, to: null, reads: null };
}

/** As the store takes it; nothing says "as it was". */
export function readsAll(reads: Reads | null): boolean | null {
  return reads === 'all' ? true : reads === 'own' ? false : null;
}

/** What is missing about a hand-over: to whom, and how much they read. */
export function judgeSuccessor(to: User | null, reads: Reads | null): Problem[] {
  return [
    ...(to ? [] : [invalid('left-to', 'Choose who takes the pupils over.')]),
    ...(to && seesByAssignment(to.role) && !reads
      ? [invalid('left-reads', `Choose how much ${to.first_name} reads.`)]
      : []),
  ];
}

/**
 * What stands in the way, and the decision when nothing does. For several users those who have pupils may also be
 * left out; that is no decision.
 */
export function judgeLeft(left: LeftForm, several = false): { problems: Problem[]; decided: LeftPupils | null } {
  if (left.choice === 'leave') return { problems: [], decided: { kind: 'leave' } };
  if (left.choice === 'skip' && several) return { problems: [], decided: null };
  if (left.choice !== 'hand_over') {
    return { problems: [invalid('pupils', 'Choose what becomes of the pupils.')], decided: null };
  }
  const problems = judgeSuccessor(left.to, left.reads);
  const decided =
    problems.length === 0 && left.to
      ? { kind: 'hand_over' as const, to: left.to.id, reads_all: readsAll(left.reads) }
      : null;
  return { problems, decided };
}
