/** Reminders, for looking at. */
import type { AccountCommands } from '../src/lib/bindings/commands';
import type { Reminder, ReminderRow, Term } from '../src/lib/bindings';
import { establishments, pupils } from './people';
import { ago, empty, id, long } from './scene';

function row(at: number, text: string, minutes: number, more: Partial<Reminder> = {}, row: Partial<ReminderRow> = {}) {
  const due_at = ago(minutes);
  const reminder: Reminder = {
    id: id(12, at),
    kind: 'own',
    text,
    pupil_id: null,
    conversation_id: null,
    establishment_id: null,
    due_at,
    repeat: null,
    snoozed_until: null,
    done_at: null,
    ...more,
  };
  return { reminder, at: due_at, pupil_name: null, subject: null, ...row };
}

const pupil = pupils[0];
const about = { pupil_id: pupil?.id ?? null };
const named = { pupil_name: pupil?.known_as ?? null };

const due = empty
  ? []
  : [
      row(
        1,
        long ? 'Ask for the attendance figures again, and '.repeat(10) : 'Ring the school about transport',
        30,
        about,
        named,
      ),
      row(
        2,
        'Answer about the PEP meeting',
        200,
        { conversation_id: id(6, 0) },
        { subject: 'PEP meeting on Thursday' },
      ),
      row(3, `${establishments[1]?.name ?? ''} has a looked-after pupil, and nobody there can read a message.`, 400, {
        kind: 'nobody_to_read',
        establishment_id: establishments[1]?.id ?? null,
      }),
      row(4, '12 invitations were not taken up for 7 days or more. Open Users to send them again.', 1500, {
        kind: 'invitations_waiting',
      }),
    ];
const upcoming = empty
  ? []
  : [
      row(5, 'Look at attendance', -2000, { repeat: 'weekly' }),
      row(6, 'Last day of the autumn term', -20_000, { kind: 'term' }),
    ];
const done = empty ? [] : [row(7, 'Send the form for Year 7', 5000, { done_at: ago(3000), ...about }, named)];

export const terms: Term[] = [
  {
    name: 'autumn',
    first: '2026-09-02',
    last: '2026-12-18',
    half_term_first: '2026-10-26',
    half_term_last: '2026-10-30',
  },
  {
    name: 'spring',
    first: '2027-01-05',
    last: '2027-03-25',
    half_term_first: '2027-02-15',
    half_term_last: '2027-02-19',
  },
  {
    name: 'summer',
    first: '2027-04-12',
    last: '2027-07-21',
    half_term_first: '2027-05-31',
    half_term_last: '2027-06-04',
  },
];

type Name =
  | 'list_reminders'
  | 'save_reminder'
  | 'finish_reminder'
  | 'snooze_reminder'
  | 'choose_notifications'
  | 'set_term_dates';

export const reminderAnswers: { [K in Name]: (request: AccountCommands[K][0]) => AccountCommands[K][1] } = {
  list_reminders: () => ({ due, upcoming, done }),
  save_reminder: ({ id: which }) => which ?? id(12, 99),
  finish_reminder: () => undefined,
  snooze_reminder: () => undefined,
  choose_notifications: () => undefined,
  set_term_dates: () => undefined,
};
