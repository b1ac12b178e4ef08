import type { CommandId } from '$lib/bindings';
import { announcer } from '$lib/announcer.svelte';
import { confirm } from '$lib/confirm.svelte';
import { problemOf } from '$lib/problem';
import { router } from '$lib/router.svelte';
import { session } from '$lib/session.svelte';

/** Puts what was not sent back in the queue. */
export async function tryAgain(
  command_id: CommandId,
  what: 'message' | 'reminder' | 'change' = 'message',
): Promise<void> {
  try {
    await session.call('try_again', { command_id });
    announcer.say(
      session.online
        ? `Your ${what} is on its way again.`
        : `Your ${what} waits, and leaves by itself when you are online.`,
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

/** Deletes a reminder that was not sent, once the person is sure. */
export async function deleteReminder(command_id: CommandId): Promise<void> {
  const sure = await confirm.ask({
    title: 'Delete this reminder?',
    text: 'What you wrote here is deleted for good.',
    action: 'Delete',
    keep: 'Keep it',
    warning: true,
  });
  if (!sure) return;
  try {
    await session.call('delete_unsaved_reminder', { command_id });
    announcer.say('The reminder is deleted.');
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
  }
}

/** Gives up adding people to a conversation, or leaving it, which the store refused. */
export async function giveUp(command_id: CommandId): Promise<void> {
  try {
    await session.call('give_up_change', { command_id });
    announcer.say('It is as it was before.');
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
  }
}
