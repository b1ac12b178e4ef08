import type { MessageReport, SightReport, Withdrawn } from '../src/lib/bindings';
import type { AccountCommands } from '../src/lib/bindings/commands';
import { pupils, users } from './people';
import { ago, id, problem } from './scene';

const name = (at: number) => `${users[at]?.first_name ?? ''} ${users[at]?.last_name ?? ''}`;
let withdrawn: Withdrawn | null = null;

/** Who had a message: somebody who read it, somebody who could have, and two computers. */
function messageReport(which: string): MessageReport {
  const device = (at: number, confirmed: boolean) => ({
    name: ['LAPTOP-4471', 'SCHOOL-PC-09', 'Farah’s MacBook'][at] ?? 'A computer',
    last_contact: ago(20 + at * 70),
    took: at !== 2,
    confirmed_at: withdrawn && confirmed ? ago(1) : null,
  });
  const person = (at: number) => ({
    id: users[at]?.id ?? '',
    name: name(at),
    role: users[at]?.role ?? ('la_user' as const),
    takes_part: at < 8,
    from: ago(2_900),
    until: at === 9 ? ago(400) : null,
    read_at: null,
    opened_at: null,
    file_opened_at: null,
    mailed_at: null,
    devices: [],
  });
  return {
    message_id: which,
    conversation_id: id(6, 0),
    sent_at: ago(2_900),
    author: name(0),
    attachments: 1,
    withdrawn,
    withdrawn_by: withdrawn ? 'Ruth Alder' : '',
    people: [
      {
        ...person(6),
        read_at: ago(2_700),
        file_opened_at: ago(2_690),
        mailed_at: ago(2_880),
        devices: [device(0, true), device(1, false)],
      },
      { ...person(7), opened_at: ago(900), devices: [device(2, false)] },
      person(9),
    ],
    others: 4,
    at: ago(0),
  };
}

function sightReport(kind: 'link' | 'enrolment'): SightReport {
  const row = (at: number, reads: number) => ({
    user_id: users[kind === 'link' ? 6 : 6 + at]?.id ?? '',
    user_name: name(kind === 'link' ? 6 : 6 + at),
    role: users[6]?.role ?? ('designated_teacher' as const),
    pupil_id: pupils[kind === 'link' ? at : 0]?.id ?? '',
    pupil_name: pupils[kind === 'link' ? at : 0]?.known_as ?? '',
    from: ago(40_000),
    until: at === 1 ? ago(3_000) : null,
    other_ways: at === 2,
    reads,
    first_read_at: reads > 0 ? ago(30_000) : null,
    last_read_at: reads > 0 ? ago(1_000) : null,
    files: reads > 2 ? 1 : 0,
    sent: reads > 2 ? 2 : 0,
    exports: reads > 2 ? 1 : 0,
    devices: reads > 0 ? ['LAPTOP-4471'] : [],
  });
  return {
    at: ago(0),
    about:
      kind === 'link'
        ? `Whom ${name(6)} could see through the link to Northgate Primary School, from 1 September 2026`
        : `Who could see ${pupils[0]?.known_as ?? ''} through the enrolment at Northgate Primary School, from 1 September 2026`,
    rows: [row(0, 5), row(1, 1), row(2, 0)],
  };
}

type Part = Pick<
  AccountCommands,
  'message_report' | 'withdraw_message' | 'save_message_report' | 'sight_report' | 'save_sight_report'
>;

/** What is asked after a data incident. */
export const incidentAnswers: { [K in keyof Part]: (request: Part[K][0]) => Part[K][1] } = {
  message_report: ({ id: which }) => messageReport(which),
  withdraw_message: ({ id: which, withdraw }) => {
    if (withdraw.reason === 'offline') throw problem('offline', 'The store cannot be reached.');
    withdrawn = { at: ago(0), by: users[0]?.id ?? '', reason: withdraw.reason, subject: withdraw.subject };
    return messageReport(which);
  },
  save_message_report: () => ({ path: 'C:\\Users\\ruth\\Who had the message.csv' }),
  sight_report: ({ kind }) => sightReport(kind),
  save_sight_report: () => ({ path: 'C:\\Users\\ruth\\Who could see whom.csv' }),
};
