import { untrack } from 'svelte';
import { session } from './session.svelte';

/** Runs again whenever held things of the shown account changed, and when the store can be reached again. */
export function whenChanged(again: () => void): void {
  let seen = `${session.held}/${session.online}`;
  $effect(() => {
    const now = `${session.held}/${session.online}`;
    if (now === seen) return;
    seen = now;
    untrack(again);
  });
}

/** Why something that needs the store rests now; nothing when it works. */
export function restsOffline(): string | null {
  return session.online ? null : 'You are offline. This works again when you are online.';
}
