import type {
  AttachmentView,
  ChosenRecipients,
  ConversationRow,
  ConversationView,
  Draft,
  MessageView,
  NoticeKind,
  OutboxRow,
  OwnListView,
  RecipientChoice,
  RecipientReport,
  SearchReading,
} from '../src/lib/bindings';
import { pupils, users } from './people';
import { ago, empty, id, long, problem, role, scene } from './scene';

const SUBJECTS = [
  'PEP meeting on Thursday',
  'Transport to school',
  'Attendance this half term',
  'Laptop for home',
  'Moving up to Year 7',
  'Exam access arrangements',
];
const TEXTS = [
  'Thank you for sending the plan over so quickly. Could we meet on Thursday at 2 pm to go through the targets?',
  'The taxi has been late three mornings running. I have spoken to the transport team and they will ring you today.',
  'Attendance is at 96% since September, which is the best half term so far. The whole year team is delighted.',
  'The laptop has arrived and is with our office. It can be collected from Monday.',
];
const NOTICES: Record<number, readonly [NoticeKind, string]> = {
  4: ['new_to_care', 'New to care'],
  10: ['school_move', 'Change of school'],
};
const offline = scene === 'offline';

export const conversations: ConversationRow[] = empty
  ? []
  : Array.from({ length: 900 }, (_, at) => {
      const who = users[(at * 5 + 1) % users.length];
      const notice = NOTICES[at % 15] ?? null;
      const about = at % 3 !== 2 ? pupils[at % pupils.length] : undefined;
      return {
        id: id(6, at),
        subject: notice
          ? `${notice[1]}${about ? `: ${about.known_as}` : ''}`
          : long && at < 4
            ? 'A subject that goes on for as long as a subject may, because somebody wrote the whole of the message into it and left the rest empty'
            : (SUBJECTS[at % 6] ?? ''),
        with: notice
          ? ''
          : long && at < 4
            ? 'Wilhelmina-Alexandrina Featherstonehaugh-Cholmondeley, Bartholomew Ravensworth-Smythe and 12 others'
            : `${who?.first_name ?? ''} ${who?.last_name ?? ''}`,
        excerpt: TEXTS[at % 4] ?? '',
        pupil_name: about ? about.known_as : null,
        confidential: at % 11 === 3,
        notice: notice?.[0] ?? null,
        last_at: ago(at < 5 ? at * 47 + 12 : at * 640),
        unread: at === 1 || at === 3 || at % 17 === 9 ? 2 : 0,
        attachments: at % 4 === 1 || at === 0,
        muted: at === 5,
        sending: offline && at === 0 ? 'waiting' : at === 2 ? 'not_sent' : null,
      };
    });

/** How a search is understood: the words in it are marked, and `from:zebedee` is nobody. */
export function readSearch(text: string): SearchReading {
  const words = text.split(/\s+/).filter((word) => word !== '' && !word.includes(':'));
  return {
    marks: words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()).filter(Boolean),
    problems: /zebedee/i.test(text) ? ['Nobody whose name begins with “zebedee” is known on this computer.'] : [],
    partial: role !== 'designated_teacher',
    not_held: /pupil:/.test(text) ? pupils.slice(2, 3).map(({ id: which, known_as }) => ({ id: which, known_as })) : [],
  };
}

function message(
  at: number,
  mine: boolean,
  body: string,
  minutes: number,
  more: Partial<MessageView> = {},
): MessageView {
  const who = users[6];
  return {
    id: id(7, at),
    number: at,
    author_name: `${who?.first_name ?? ''} ${who?.last_name ?? ''}`,
    mine,
    notice: false,
    body,
    at: ago(minutes),
    state: null,
    command_id: null,
    problem: null,
    read_by: [],
    unread: false,
    attachments: [],
    withdrawn: null,
    ...more,
  };
}

export function conversation(which: string, before: number | null): ConversationView {
  const row = conversations.find((one) => one.id === which) ?? conversations[0];
  const reader = { name: 'Farah Gorse', at: ago(1_400) };
  const members = [users[6], users[0], users[7], ...(long ? users.slice(9, 20) : [])].map((user, at) => ({
    user_id: user?.id ?? '',
    name: `${user?.first_name ?? ''} ${user?.last_name ?? ''}`,
    role: user?.role ?? null,
    detail: user?.links[0]?.establishment_name ?? 'Barsetshire Virtual School',
    read_up_to: 4,
    read_at: null,
    me: at === 1,
    reachable: true,
    away_until: at === 2 ? '2027-01-05' : null,
  }));
  const older = before !== null;
  const messages = row?.notice
    ? [message(1, false, `${row.subject}. Open the pupil to see more.`, 40, { notice: true, author_name: '' })]
    : older
      ? [message(1, false, 'I am writing to introduce myself: I am the new Designated Teacher here.', 20_000)]
      : [
          message(
            2,
            true,
            'Welcome, and thank you for writing. The next PEP meeting is due before half term.\n\nShall I send the form?',
            2_900,
            { read_by: [reader] },
          ),
          message(3, false, TEXTS[0] ?? '', 2_870),
          message(8, false, 'This message was withdrawn.', 2_860, {
            withdrawn: { by: 'Ruth Alder', at: ago(2_400), reason: 'It was sent to the wrong school.' },
          }),
          message(4, true, long ? (TEXTS[2] ?? '').repeat(12) : (TEXTS[2] ?? ''), 1_420, {
            read_by: [reader, { name: 'Callum Dogwood', at: ago(900) }, { name: 'Dilys Elm', at: ago(30) }],
          }),
          message(5, false, (row?.unread ?? 0) > 0 ? (TEXTS[1] ?? '') : (TEXTS[3] ?? ''), 40, {
            unread: (row?.unread ?? 0) > 0,
            attachments: [
              file(0, 'Personal education plan.pdf', 'pdf', 1_240_000, true),
              file(1, 'Attendance since September.xls', 'old_office', 48_200, false),
            ],
          }),
          ...(row?.sending === 'waiting'
            ? [
                message(6, true, 'I will be there on Thursday, and bring the attendance figures.', 4, {
                  number: null,
                  state: 'waiting',
                  command_id: id(8, 0),
                  attachments: [file(2, 'Attendance figures.xlsx', 'excel', 86_000, true)],
                }),
              ]
            : []),
          ...(row?.sending === 'not_sent'
            ? [
                message(6, true, 'Please find the dates for next term below.', 4, {
                  number: null,
                  state: 'not_sent',
                  command_id: id(8, 1),
                  problem: refusal,
                }),
              ]
            : []),
        ];
  return {
    id: which,
    subject: row?.subject ?? '',
    pupil: row?.pupil_name ? (pupils.find((pupil) => pupil.known_as === row.pupil_name) ?? null) : null,
    confidential: row?.confidential ?? false,
    notice: row?.notice ?? null,
    members,
    messages,
    before: older ? null : 2,
    to: '',
    may_reply: !row?.notice,
    mine: true,
    muted: row?.muted ?? false,
    adding: which === id(6, 3) ? ['Hamish Beech'] : [],
  };
}

const refusal = {
  ...problem(
    'message.recipient_not_entitled',
    'Callum Dogwood may no longer see Ben Brook, so the message was not sent to anyone. Take Callum out, then send it again.',
  ),
  code: 'message.recipient_not_entitled' as const,
};

/** A file that goes with a message. */
export function file(
  at: number,
  name: string,
  kind: AttachmentView['kind'],
  size: number,
  held: boolean,
): AttachmentView {
  const can_run = ['old_office', 'email', 'macro_document', 'archive', 'other'].includes(kind);
  const long_name = long ? name.replace('.', ' as agreed with everybody who came to the meeting on Thursday.') : name;
  return { id: id(10, at), name: long_name, kind, size, can_run, held };
}

/** What was not attached, and why. */
export const notAttached = problem(
  'file',
  'Film of the trip.mp4: This file cannot be sent: a computer might run it, or it is of no kind that is known. Send a PDF, a document or a picture instead.',
  'attachments',
);

export const drafts: Draft[] = empty
  ? []
  : [
      {
        id: id(9, 0),
        conversation_id: null,
        pupil_id: pupils[0]?.id ?? null,
        confidential: true,
        recipients: [person(6), group()],
        subject: 'Support over the holidays',
        body: 'We have talked with the carers about the summer, and would like to',
        saved_at: ago(25),
        attachments: [
          file(3, 'Holiday plan.docx', 'word', 212_000, true),
          file(4, 'Photo of the club.jpg', 'image', 2_400_000, true),
        ],
      },
      {
        id: id(9, 1),
        conversation_id: null,
        pupil_id: null,
        confidential: false,
        recipients: [],
        subject: '',
        body: 'Dear all,',
        saved_at: ago(3_000),
        attachments: [],
      },
    ];

export function person(at: number): RecipientChoice {
  const user = users[at];
  return {
    recipient: { kind: 'user', id: user?.id ?? '' },
    name: `${user?.first_name ?? ''} ${user?.last_name ?? ''}`,
    detail: user?.links[0] ? `Designated Teacher, ${user.links[0].establishment_name}` : 'Virtual School',
    people: 1,
  };
}

function group(): RecipientChoice {
  return {
    recipient: { kind: 'virtual_school' },
    name: 'The Virtual School',
    detail: 'Everyone of the authority',
    people: 6,
  };
}

export function recipients(search: string, pupil: string | null): RecipientChoice[] {
  const around: RecipientChoice[] = pupil
    ? [
        {
          recipient: { kind: 'around_pupil', pupil_id: pupil },
          name: `Everyone who can see ${pupils.find((one) => one.id === pupil)?.known_as ?? ''}`,
          detail: 'Group',
          people: 5,
        },
      ]
    : [];
  const own = lists.map((list): RecipientChoice => ({
    recipient: { kind: 'own_list', id: list.id },
    name: list.name,
    detail: 'Your list',
    people: list.members.length,
  }));
  return [...around, group(), ...own, ...users.slice(1, 60).map((_, at) => person(at + 1))]
    .filter((one) => one.name.toLowerCase().includes(search.toLowerCase()))
    .slice(0, 12);
}

export const outbox: OutboxRow[] = empty
  ? []
  : [
      ...(offline
        ? [0, 1].map((at) => ({
            command_id: id(8, at * 10),
            conversation_id: id(6, at),
            reminder: null,
            change: null,
            subject: SUBJECTS[at] ?? '',
            to: 'Farah Gorse',
            excerpt: 'I will be there on Thursday, and bring the attendance figures.',
            attachments: at,
            written_at: ago(4 + at * 30),
            state: 'waiting' as const,
            problem: null,
          }))
        : []),
      {
        command_id: id(8, 1),
        conversation_id: id(6, 2),
        reminder: null,
        change: null,
        subject: SUBJECTS[2] ?? '',
        to: 'Callum Dogwood, Farah Gorse',
        excerpt: 'Please find the dates for next term below.',
        attachments: 0,
        written_at: ago(60),
        state: 'not_sent',
        problem: refusal,
      },
      {
        command_id: id(8, 2),
        conversation_id: null,
        reminder: { due_at: ago(-4320), pupil_name: null, out_of_sight: true },
        change: null,
        subject: '',
        to: '',
        excerpt: 'Ring the carer about the plan before the meeting.',
        attachments: 0,
        written_at: ago(90),
        state: 'not_sent',
        problem: refusal,
      },
      {
        command_id: id(8, 3),
        conversation_id: id(6, 4),
        reminder: null,
        change: 'add_people',
        subject: SUBJECTS[4] ?? '',
        to: 'Callum Dogwood',
        excerpt: '',
        attachments: 0,
        written_at: ago(20),
        state: 'not_sent',
        problem: {
          ...refusal,
          message:
            'These people cannot see the pupil whom this conversation is about, so nobody was added: Callum Dogwood. Add the others without them.',
        },
      },
    ];

/** What is said of those whom a message is for. */
export function report({ pupil_id, recipients: chosen }: ChosenRecipients): RecipientReport {
  const users_chosen = chosen.flatMap((one) => (one.kind === 'user' ? [one.id] : []));
  const named = (at: number) => ({
    user_id: users[at]?.id ?? '',
    name: `${users[at]?.first_name ?? ''} ${users[at]?.last_name ?? ''}`,
  });
  const has = (at: number) => users_chosen.includes(users[at]?.id ?? '');
  return {
    people: offline ? null : chosen.length * 2,
    sure: !offline,
    not_entitled: pupil_id && has(6) ? [named(6)] : [],
    left_out: pupil_id && chosen.some((one) => one.kind === 'virtual_school') ? 1 : 0,
    inactive: [],
    away: has(7) || has(6) ? [{ ...named(7), until: '2027-01-05', cover: has(8) ? null : person(8) }] : [],
  };
}

export const lists: OwnListView[] = empty
  ? []
  : [
      {
        id: id(11, 0),
        name: 'PEP circle of Riverside',
        members: [6, 7, 8].map((at) => ({
          user_id: users[at]?.id ?? '',
          name: person(at).name,
          detail: person(at).detail,
          reachable: at !== 8,
        })),
      },
      {
        id: id(11, 1),
        name: 'Transport',
        members: [{ user_id: users[9]?.id ?? '', name: person(9).name, detail: person(9).detail, reachable: true }],
      },
    ];
