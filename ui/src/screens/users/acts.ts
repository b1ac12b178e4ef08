import type { UserAction, UserAct } from '$lib/bindings';
import { plural } from '$lib/plural';

/** What can be done to several users at once. */
export type Act = 'invite' | 'link' | 'make_active' | 'make_inactive';

/** How many users may be named one by one. */
export const MOST_ONE_BY_ONE = 5_000;

/** The question before it, for so many users. */
export function question(act: Act, count: number): { title: string; text: string; action: string } {
  const users = plural(count, 'user');
  switch (act) {
    case 'invite':
      return {
        title: `Send the invitation again to ${users}?`,
        text: 'Each gets an e-mail with a new code that can be used for 24 hours. Codes sent before stop working. Whoever has signed in already, or waits to be linked, gets none and is named afterwards.',
        action: 'Send invitations',
      };
    case 'link':
      return {
        title: `Link ${users} to an establishment`,
        text: 'Designated Teachers among them see its looked-after pupils from the first day on. Whoever has another role is left as they are and named afterwards.',
        action: 'Link them',
      };
    case 'make_active':
      return {
        title: `Make ${users} active again?`,
        text: 'Inactive users come back by a new invitation, which is sent by e-mail. Whoever is not inactive is left as they are and named afterwards.',
        action: 'Make active',
      };
    case 'make_inactive':
      return {
        title: `Make ${users} inactive?`,
        text: 'They are signed out everywhere at once and cannot sign in. You cannot do this to yourself or to the last LA Super User.',
        action: 'Make inactive',
      };
  }
}

const DOING: Record<UserAct['kind'], string> = {
  invite: 'Sending invitations',
  link: 'Linking to the establishment',
  make_active: 'Making users active',
  make_inactive: 'Making users inactive',
  unknown: 'Working through the users',
};

/** What goes on, over its progress. */
export function doing(action: UserAction): string {
  return DOING[action.act.kind];
}

const DONE: Record<UserAct['kind'], string> = {
  invite: '',
  link: 'linked to the establishment',
  make_active: 'made active',
  make_inactive: 'made inactive',
  unknown: 'changed',
};

function done(action: UserAction): string {
  const invites = action.act.kind === 'invite';
  if (action.done === 0) return invites ? 'No invitation was sent.' : 'No user was changed.';
  const users = plural(action.done, 'user');
  if (invites) return `Invitations were sent to ${users}.`;
  return `${users} ${action.done === 1 ? 'was' : 'were'} ${DONE[action.act.kind]}.`;
}

/** What became of it, in a sentence or two. */
export function outcome(action: UserAction): string {
  const left = action.total - action.done - action.failed;
  if (action.state !== 'cancelled' || left <= 0) return done(action);
  return `Cancelled. ${done(action)} ${plural(left, 'user is', 'users are')} left as they were.`;
}
