import type { ChosenFile, Column, Finding, Import, Recognised, Severity } from '../src/lib/bindings';
import { ago, empty, id } from './scene';

const HEADINGS: [string, Column | null][] = [
  ['User First Name', 'first_name'],
  ['User Last Name', 'last_name'],
  ['Job Title', 'job_title'],
  ['Email', 'email'],
  ['Phone', 'phone'],
  ['School Reference Number (URN)', 'urn'],
  ['Notes', null],
];

const recognised: Recognised = {
  encoding: 'windows1252',
  delimiter: 'comma',
  source: 'template',
  heading_row: 1,
  columns: HEADINGS.map(([heading, column], index) => ({
    index,
    letters: String.fromCharCode(65 + index),
    heading,
    column,
    state: column ? 'recognised' : 'unrecognised',
  })),
  rows: 38,
  blank_rows: 2,
  sample: ['Zoë', 'Amir', 'Bryony', 'Callum', 'Dilys'].map((first, at) => ({
    row: at + 2,
    cells: [
      first,
      'Cedar',
      'Designated Teacher',
      `${first.toLowerCase()}.cedar@example.org`,
      '01632 960123',
      '100007',
      '',
    ],
  })),
  findings: [],
};

export const chosen: ChosenFile = {
  path: '/home/me/new designated teachers.csv',
  name: 'new designated teachers.csv',
  recognised,
};

const SENTENCES: [Severity, string | null, string, string][] = [
  ['error', 'User First Name', '', 'The first name is missing. Enter the first name of this user.'],
  [
    'error',
    'Email',
    'bryony.cedar.example.org',
    'This is not an e-mail address. It needs an @, as in name@example.org.',
  ],
  [
    'error',
    'Email',
    'amir.birch@example.org',
    'Row 4 has the same e-mail address with another name. Each user needs an address of their own.',
  ],
  [
    'error',
    'School Reference Number (URN)',
    '999999',
    'No establishment has this URN. Check the number in Get Information About Schools.',
  ],
  ['error', null, '', 'This row has more cells than there are headings. Is a comma missing its quotes?'],
  [
    'warning',
    'School Reference Number (URN)',
    '0',
    'This Designated Teacher is not linked yet. The invitation is held until an establishment is linked.',
  ],
  [
    'warning',
    'Email',
    'office@example.org',
    'This looks like a shared mailbox. Each user needs an address that only they read.',
  ],
];

export const findings: Finding[] = Array.from({ length: 124 }, (_, at) => {
  const [severity, column, value, message] = SENTENCES[at < 80 ? at % 5 : 5 + (at % 2)] ??
    SENTENCES[0] ?? ['error', null, '', ''];
  return { row: at * 3 + 2, column, column_index: null, field: null, value, severity, code: 'bad_email', message };
});

const counts = {
  rows_read: 38,
  rows_accepted: 31,
  rows_refused: 7,
  rows_skipped: 0,
  rows_skipped_existing: 0,
  rows_skipped_not_staff: 0,
  rows_skipped_not_active: 0,
  rows_skipped_example: 0,
  rows_left_out: 0,
  to_create: 30,
  to_update: 0,
  to_skip: 0,
  not_linked_yet: 2,
  errors: 80,
  warnings: 44,
};

export const judged: Import = {
  id: id(10, 0),
  revision: 1,
  kind: 'users',
  role: 'designated_teacher',
  existing: 'refuse',
  file_name: chosen.name,
  status: 'judged',
  begun_by: 'Ruth Alder',
  begun_at: ago(1),
  committed_at: null,
  recognised,
  counts,
  finding_kinds: [
    { severity: 'error', code: 'bad_email', count: 80 },
    { severity: 'warning', code: 'shared_mailbox', count: 44 },
  ],
  blocked: false,
  mended_cells: 0,
  result: null,
  invite_at: null,
  invited_at: null,
  progress: null,
  undone: null,
};

export const committed: Import = {
  ...judged,
  id: id(10, 1),
  status: 'committed',
  committed_at: ago(1),
  invited_at: ago(1),
  result: { created: 30, updated: 0, skipped: 0, refused: 7, invited: 28 },
};

export const imports: Import[] = empty
  ? []
  : [
      judged,
      committed,
      {
        ...committed,
        id: id(10, 2),
        file_name: 'social workers autumn.csv',
        role: 'social_worker',
        begun_at: ago(50_000),
        recognised: null,
      },
    ];
