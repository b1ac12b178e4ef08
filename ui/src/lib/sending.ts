import { plural } from './plural';

/** What is said of a message that was just sent. */
export function sendingTo(people: number, online: boolean): string {
  const to = people > 0 ? ` to ${plural(people, 'person', 'people')}` : '';
  return online ? `Sending${to}` : `Waits to be sent${to}`;
}

/** How many seconds are left, the one that runs counted whole. */
export function secondsLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil((until - now) / 1000));
}
