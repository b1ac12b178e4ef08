import type { Draft, DraftId, NewDraft } from './bindings';
import { announcer } from './announcer.svelte';
import { problemOf } from './problem';
import { router } from './router.svelte';
import { session } from './session.svelte';

/** Drafts that were begun and have not been saved yet, since nothing is in them. */
const fresh = new Map<DraftId, Draft>();

/** A draft by its id: one just begun, or one that is kept. */
export async function draftById(id: DraftId): Promise<Draft> {
  return fresh.get(id) ?? session.call('get_draft', { id });
}

/** A draft is kept from now on, or gone. */
export function noLongerFresh(id: DraftId): void {
  fresh.delete(id);
}

/** Begins a message and shows it. */
export async function beginMessage(about: Partial<NewDraft> = {}): Promise<void> {
  try {
    const draft = await session.call('new_draft', { conversation_id: null, pupil_id: null, user_id: null, ...about });
    fresh.set(draft.id, draft);
    const folder = router.route.screen === 'messages' ? router.route.folder : 'inbox';
    router.go({ screen: 'messages', folder, draft: draft.id });
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
  }
}
