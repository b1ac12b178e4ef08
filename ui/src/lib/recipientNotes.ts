import type { Draft, Pupil, RecipientChoice, RecipientReport } from './bindings';
import { day } from './dates';
import { listed, plural } from './plural';

/** Something to be said of those whom a message is for, and what can be done about it at once. */
export interface RecipientNote {
  key: string;
  text: string;
  /** Whether the message cannot go like this. */
  wrong: boolean;
  action: { label: string; user: string; add?: RecipientChoice } | null;
}

/** `Callum` of `Callum Dogwood`. */
function first(name: string): string {
  return name.split(' ')[0] ?? name;
}

/** What is to be said before a message is sent, the worst first. */
export function notesOf(report: RecipientReport, pupil: string | null): RecipientNote[] {
  const who = pupil ?? 'this pupil';
  const notes: RecipientNote[] = [];
  for (const { user_id, name } of report.not_entitled) {
    notes.push({
      key: `not-entitled:${user_id}`,
      text: report.sure
        ? `${name} may not see ${who}. The message cannot be sent to ${first(name)}.`
        : `${name} works elsewhere, and may not be able to see ${who}. The store decides when you are online.`,
      wrong: true,
      action: { label: `Remove ${name}`, user: user_id },
    });
  }
  for (const { user_id, name } of report.inactive) {
    notes.push({
      key: `inactive:${user_id}`,
      text: `${name} can no longer be written to.`,
      wrong: true,
      action: { label: `Remove ${name}`, user: user_id },
    });
  }
  if (report.left_out > 0) {
    const them = report.left_out === 1 ? 'It does not go to that person.' : 'It does not go to them.';
    notes.push({
      key: 'left-out',
      text: `${plural(report.left_out, 'person', 'people')} in the groups you chose may not see ${who}. ${them}`,
      wrong: false,
      action: null,
    });
  }
  for (const { user_id, name, until, cover } of report.away) {
    notes.push({
      key: `away:${user_id}`,
      text: `${name} is away until ${day(until)}.${cover ? ` ${cover.name} covers.` : ''}`,
      wrong: false,
      action: cover ? { label: `Add ${cover.name}`, user: user_id, add: cover } : null,
    });
  }
  return notes;
}

/** Of what was said, what still holds: who was taken out since is no reason any more. */
export function stillChosen(
  report: RecipientReport | null,
  chosen: readonly RecipientChoice[],
): RecipientReport | null {
  if (!report) return null;
  const ids = new Set(chosen.flatMap(({ recipient }) => (recipient.kind === 'user' ? [recipient.id] : [])));
  const still = (people: RecipientReport['not_entitled']) => people.filter((person) => ids.has(person.user_id));
  return { ...report, not_entitled: still(report.not_entitled), inactive: still(report.inactive) };
}

/** Why a message cannot be sent to those chosen: only what the store has said is certain. */
export function whyNot(report: RecipientReport | null, pupil: string | null): string | null {
  if (!report) return null;
  const not = report.sure ? report.not_entitled.map((one) => one.name) : [];
  if (not.length > 0) return `${listed(not)} may not see ${pupil ?? 'this pupil'}. Remove them, then send.`;
  const gone = report.inactive.map((one) => one.name);
  return gone.length > 0 ? `${listed(gone)} can no longer be written to. Remove them, then send.` : null;
}

/** A reply turned into a message of its own about a pupil, for the others who take part. */
export function aboutInstead(reply: Draft, subject: string, to: RecipientChoice[], pupil: Pupil): Draft {
  return { ...reply, conversation_id: null, pupil_id: pupil.id, subject, recipients: to };
}

/** The subject of a message that begins from another: with one “Re:”. */
export function answering(subject: string): string {
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`.slice(0, 200);
}
