import type { Account, CommandId, ConversationId, SentDraft } from './bindings';
import { announcer } from './announcer.svelte';
import { forAccount } from './backend';
import { problemOf } from './problem';
import { router } from './router.svelte';
import { sendingTo } from './sending';
import { session } from './session.svelte';

/** A message that waits after "Send", and can be taken back. */
export interface Undoable {
  account: Account['id'];
  command: CommandId;
  /** What is said of it. */
  text: string;
  /** Until when, by the window's own clock, in milliseconds. */
  until: number;
}

/** The messages that can be taken back. How long is the outbox's rule; here it is only shown. */
class Undo {
  waiting = $state.raw<readonly Undoable[]>([]);
  /** The conversation whose reply was taken back last, and how often that has happened: its text is there again. */
  back = $state.raw<{ conversation: ConversationId | null; count: number }>({ conversation: null, count: 0 });

  /** A message was sent from the account that is shown. */
  sent(account: Account['id'] | null, sent: SentDraft, online: boolean): void {
    if (account === null) return;
    if (sent.undo_for === 0) {
      announcer.say(
        online ? 'Your message is on its way.' : 'Your message waits, and leaves by itself when you are online.',
      );
      return;
    }
    const one: Undoable = {
      account,
      command: sent.command_id,
      text: sendingTo(sent.people, online),
      until: Date.now() + sent.undo_for,
    };
    this.waiting = [...this.waiting, one];
    setTimeout(() => this.#drop(one.command), sent.undo_for);
  }

  /** Takes one back, or the one sent last; its draft is shown as it was. */
  async take(one: Undoable | undefined = this.waiting.at(-1)): Promise<void> {
    if (!one) return;
    this.#drop(one.command);
    const call = forAccount(one.account);
    try {
      const id = await call('take_back', { command_id: one.command });
      const draft = await call('get_draft', { id });
      session.show(one.account);
      router.go(
        draft.conversation_id
          ? { screen: 'messages', folder: 'drafts', conversation: draft.conversation_id }
          : { screen: 'messages', folder: 'drafts', draft: id },
      );
      this.back = { conversation: draft.conversation_id, count: this.back.count + 1 };
      announcer.say('Not sent. Your message is a draft again.');
    } catch (thrown) {
      announcer.say(problemOf(thrown).message, 'problem');
    }
  }

  #drop(command: CommandId): void {
    this.waiting = this.waiting.filter((one) => one.command !== command);
  }
}

/** The window's messages that can be taken back. */
export const undo = new Undo();
