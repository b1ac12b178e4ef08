import type { CommandId } from '$lib/bindings';
import { announcer } from '$lib/announcer.svelte';
import { problemOf } from '$lib/problem';
import { router } from '$lib/router.svelte';
import { session } from '$lib/session.svelte';

/** Puts a message that was not sent back in the queue. */
export async function tryAgain(command_id: CommandId): Promise<void> {
  try {
    await session.call('try_again', { command_id });
    announcer.say(
      session.online
        ? 'Your message is on its way again.'
        : 'Your message waits, and leaves by itself when you are online.',
    );
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
  }
}

/**
 * Takes a message that has not left back as a draft, and shows it where it can be edited. Answers the conversation
 * that it replies to, or none.
 */
export async function editAgain(command_id: CommandId): Promise<string | null> {
  try {
    const id = await session.call('take_back', { command_id });
    const draft = await session.call('get_draft', { id });
    router.go(
      draft.conversation_id
        ? { screen: 'messages', folder: 'drafts', conversation: draft.conversation_id }
        : { screen: 'messages', folder: 'drafts', draft: id },
    );
    return draft.conversation_id;
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
    return null;
  }
}
