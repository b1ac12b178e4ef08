import type { AttachmentView, MessageId } from './bindings';
import { ATTACHMENT_KINDS } from './bindings/words';
import { announcer } from './announcer.svelte';
import type { AccountCall } from './backend';
import { confirm, type Question } from './confirm.svelte';
import { problemOf } from './problem';

/** `340 bytes`, `12 KB`, `2.4 MB`: as file managers count; a number stays with its unit. */
export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes}\u00a0${bytes === 1 ? 'byte' : 'bytes'}`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)}\u00a0KB`;
  return `${(bytes / 1_000_000).toFixed(1).replace(/\.0$/, '')}\u00a0MB`;
}

/** What an attachment is, in a line: `PDF, 1.2 MB`. */
export function inShort(one: AttachmentView): string {
  return `${ATTACHMENT_KINDS[one.kind]}, ${sizeOf(one.size)}`;
}

/** What is asked before a file is opened that can run. */
export function warning(one: AttachmentView): Question {
  const why: Partial<Record<AttachmentView['kind'], string>> = {
    macro_document: 'It is a document with macros: programs that can change or send what is on this computer.',
    old_office: 'Files of this older kind can hold programs that can change or send what is on this computer.',
    email: 'It is an e-mail, which can bring other files and links with it.',
    archive: 'It is a ZIP archive. What is in it was not checked.',
  };
  return {
    title: `Open ${one.name}?`,
    text: `${why[one.kind] ?? 'It is of a kind that can run on this computer.'} Open it only if you know who sent it and expected it.`,
    action: 'Open it',
    keep: 'Do not open it',
    warning: true,
  };
}

/** Opens an attachment with the program for its kind, after a warning where it can run. */
export async function openAttachment(
  call: AccountCall,
  message_id: MessageId | null,
  one: AttachmentView,
): Promise<void> {
  let warned = false;
  if (one.can_run) {
    if (!(await confirm.ask(warning(one)))) return;
    warned = true;
  }
  for (;;) {
    try {
      await call('open_attachment', { message_id, id: one.id, although_it_can_run: warned });
      return;
    } catch (thrown) {
      const problem = problemOf(thrown);
      // It is not what it was said to be: that shows when it is here.
      if (problem.field === 'although_it_can_run' && !warned) {
        if (!(await confirm.ask(warning({ ...one, kind: 'other' })))) return;
        warned = true;
        continue;
      }
      announcer.say(problem.message, 'problem');
      return;
    }
  }
}

/** Saves an attachment where the person chooses. */
export async function saveAttachment(
  call: AccountCall,
  message_id: MessageId | null,
  one: AttachmentView,
): Promise<void> {
  try {
    const saved = await call('save_attachment', { message_id, id: one.id, although_it_can_run: false });
    if (saved) announcer.say(`${one.name} was saved as ${saved.path}.`);
  } catch (thrown) {
    announcer.say(problemOf(thrown).message, 'problem');
  }
}
