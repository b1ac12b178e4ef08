import type { Recipient, RecipientChoice } from './bindings';
import { plural } from './plural';

/** A key that two choices of the same person or group share. */
export function recipientKey(recipient: Recipient): string {
  switch (recipient.kind) {
    case 'user':
      return `user:${recipient.id}`;
    case 'designated_teachers':
      return `designated_teachers:${recipient.establishment_id}`;
    case 'around_pupil':
      return `around_pupil:${recipient.pupil_id}`;
    case 'own_list':
      return `own_list:${recipient.id}`;
    default:
      return recipient.kind;
  }
}

/** Whether a choice is in a list already. */
export function isChosen(chosen: readonly RecipientChoice[], choice: RecipientChoice): boolean {
  const key = recipientKey(choice.recipient);
  return chosen.some((other) => recipientKey(other.recipient) === key);
}

/** With one more, once. */
export function withRecipient(chosen: readonly RecipientChoice[], choice: RecipientChoice): RecipientChoice[] {
  return isChosen(chosen, choice) ? [...chosen] : [...chosen, choice];
}

/** Without one. */
export function withoutRecipient(chosen: readonly RecipientChoice[], recipient: Recipient): RecipientChoice[] {
  const key = recipientKey(recipient);
  return chosen.filter((other) => recipientKey(other.recipient) !== key);
}

/** How many people a message reaches. Groups may overlap; each person gets it once. */
export function reach(chosen: readonly RecipientChoice[]): string {
  if (chosen.length === 0) return '';
  const people = chosen.reduce((sum, choice) => sum + choice.people, 0);
  const overlap = chosen.length > 1 && chosen.some((choice) => choice.recipient.kind !== 'user');
  if (people === 0) return 'Goes to nobody yet';
  return `Goes to ${overlap ? 'up to ' : ''}${plural(people, 'person', 'people')}`;
}

/** How many people a message reaches, where the store has counted them. */
export function reachOf(people: number): string {
  return people === 0 ? 'Goes to nobody yet' : `Goes to ${plural(people, 'person', 'people')}`;
}
