import type { LocalCode, Problem, ProblemCode } from './bindings';

/** What a command throws when it could not be done. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'Refused';
    this.problem = problem;
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

/** The problem in whatever was thrown. What is no problem of the application's own is told in plain words. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Refused) return thrown.problem;
  if (isProblem(thrown)) return thrown;
  return {
    code: 'internal' satisfies LocalCode,
    message: 'Something went wrong in the application. Try again. If it happens again, tell your IT support.',
    field: null,
    request_id: null,
  };
}

/** What went wrong; nothing where the password was asked for and not given: whoever does so has changed their mind. */
export function problemUnlessDeclined(thrown: unknown): Problem | null {
  const problem = problemOf(thrown);
  return problem.code === 'session.confirm_password' ? null : problem;
}

/** A problem that the page itself has found in what was entered. */
export function invalid(field: string, message: string): Problem {
  return { code: 'invalid', message, field, request_id: null };
}

/** Fields that a code is about when the store did not name one. */
const FIELD_OF_CODE: Partial<Record<ProblemCode, string>> = {
  'user.email_in_use': 'email',
  'user.establishment_needed': 'links',
  'user.last_super_user': 'role',
  'message.no_recipients': 'recipients',
  'message.recipient_not_entitled': 'recipients',
  'message.recipient_not_allowed': 'recipients',
  'password.weak': 'password',
};

/** The field that a problem is about, or none. */
export function fieldOf(problem: Problem): string | null {
  return problem.field ?? FIELD_OF_CODE[problem.code] ?? null;
}

/** The problem of one field, if any of them is about it. */
export function errorFor(problems: readonly Problem[], field: string): string | null {
  return problems.find((problem) => fieldOf(problem) === field)?.message ?? null;
}
