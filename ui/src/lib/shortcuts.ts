import { announcer } from './announcer.svelte';
import { finder } from './finder.svelte';
import { beginMessage } from './fresh';
import { problemOf } from './problem';
import { session } from './session.svelte';
import { undo } from './undo.svelte';

/** Asks the store for what is new, and says how that went. */
export async function syncNow(): Promise<void> {
  try {
    const status = await session.syncNow();
    if (status.online) announcer.say('Up to date.');
    else announcer.say(status.problem ?? 'The store cannot be reached now. It is tried again by itself.', 'problem');
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
  }
}

/** Locks the application. */
export async function lock(): Promise<void> {
  try {
    await session.lock();
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
  }
}

/** The keys that work everywhere in the window. */
export function globalKeys(event: KeyboardEvent): void {
  // While a question is open, only its own keys count, and that which locks.
  const asked = document.querySelector('dialog[open]') !== null;
  const key = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey ? event.key.toLowerCase() : '';
  if (event.key === 'F5') {
    event.preventDefault();
    if (!asked) void syncNow();
  } else if (key === 'n') {
    event.preventDefault();
    if (!asked) void beginMessage();
  } else if (key === 'k') {
    event.preventDefault();
    if (!asked) finder.open = true;
  } else if (key === 'l') {
    event.preventDefault();
    void lock();
  } else if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === 'z') {
    // Where nothing can be taken back, the keys keep what they mean in a text.
    if (asked || undo.waiting.length === 0) return;
    event.preventDefault();
    void undo.take();
  }
}
