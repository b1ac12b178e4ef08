import { dayOf } from './dates';
import { session } from './session.svelte';

/** Today as the store reckons it; by this computer's clock until the store has said. */
export function today(): string {
  return session.me?.today ?? dayOf(new Date());
}
