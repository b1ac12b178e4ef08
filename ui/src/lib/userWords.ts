import type { Attention, User, UserBrief } from './bindings';
import { ROLES } from './bindings/words';
import { today } from './today';

/** Why users need attention, the most pressing first. */
export const ATTENTIONS = [
  'undelivered',
  'not_linked',
  'invitation_expired',
  'not_taken_up',
  'not_invited',
] as const satisfies readonly Attention[];

/** A reason that has words. */
export type KnownAttention = (typeof ATTENTIONS)[number];

/** The reasons in words, as filters name them and as a tag in a list does. */
export const ATTENTION_WORDS: Record<KnownAttention, { filter: string; tag: string }> = {
  undelivered: { filter: 'Invitation not delivered', tag: 'Not delivered' },
  not_linked: { filter: 'Designated Teacher not linked', tag: 'Not linked' },
  invitation_expired: { filter: 'Invitation expired', tag: 'Expired' },
  not_taken_up: { filter: 'Not taken up after 7 days', tag: 'Not taken up' },
  not_invited: { filter: 'Not invited yet', tag: 'Not invited' },
};

/** The reasons of a user, the most pressing first. */
export function needsOf(user: User): KnownAttention[] {
  return ATTENTIONS.filter((one) => user.needs.includes(one));
}

/** First and last name. */
export function nameOf(user: { first_name: string; last_name: string }): string {
  return `${user.first_name} ${user.last_name}`;
}

/** Role and job title, in short; the status where it is not active. */
export function briefly(user: UserBrief | User): string {
  const status = user.status === 'active' ? '' : user.status === 'invited' ? 'not signed in yet' : 'inactive';
  const [role, job] = [ROLES[user.role], user.job_title];
  return [role, job.toLowerCase() === role.toLowerCase() ? '' : job, status].filter(Boolean).join(', ');
}

/** Names of the establishments that a user is linked to today or later, each once. */
export function whereLinked(user: User): string {
  const held = user.links.filter((link) => link.end === null || link.end >= today());
  return [...new Set(held.map((link) => link.establishment_name))].join(', ');
}

/** Whether pupils are assigned to a role by hand; for LA roles that is only a focus list. */
export function isAssigned(role: User['role']): boolean {
  return role !== 'designated_teacher';
}

/** Whether an assignment is what lets a role see a pupil, so that somebody must say how much they read. */
export function seesByAssignment(role: User['role']): boolean {
  return role === 'social_worker' || role === 'other_professional';
}
