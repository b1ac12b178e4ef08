import { app } from './backend';

/** The shell is told this often at most that someone is there, in milliseconds. */
const SELDOM = 20_000;

let said = -SELDOM;

/** Someone moves, types or scrolls in the window: it does not lock yet. */
export function sayStillHere(): void {
  const now = performance.now();
  if (now - said < SELDOM) return;
  said = now;
  // Where it cannot be said, the window locks; nothing is lost by that.
  app('still_here').catch(() => undefined);
}
