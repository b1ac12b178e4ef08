/** A file of users and what a store says of it: judged anew with each cell that is mended. */
import type {
  ChosenFile,
  Column,
  ColumnChoice,
  Counts,
  FileColumn,
  FileSource,
  Finding,
  FindingCode,
  FindingKind,
  Import,
  ImportedOne,
  ImportResult,
  MendImport,
  Recognised,
  Severity,
  Staying,
} from '../src/lib/bindings';
import type { AccountCommands } from '../src/lib/bindings/commands';
import { users } from './people';
import { MISSING, PUPIL_HEADINGS, pupilCells, pupilRule } from './pupilFile';
import { ago, empty, id, long, problem, scene } from './scene';

type Answers = { [K in keyof AccountCommands]: (request: AccountCommands[K][0]) => AccountCommands[K][1] };
type Heading = readonly [heading: string, column: Column | null];

const TEMPLATE: readonly Heading[] = [
  ['User First Name', 'first_name'],
  ['User Last Name', 'last_name'],
  ['Job Title', 'job_title'],
  ['Email', 'email'],
  ['Phone', 'phone'],
  ['School Reference Number (URN)', 'urn'],
];
/** What `?file=` in the address chooses. */
const FILES: Record<string, { source: FileSource; headings: readonly Heading[] }> = {
  template: { source: 'template', headings: TEMPLATE },
  mapping: {
    source: 'other',
    headings: [
      ['Forename', 'first_name'],
      ['Family', null],
      ['Rolle', null],
      ['Work mail', null],
      ['Tel', 'phone'],
      ['DfE', null],
      ['Initial password', 'password'],
      ['', null],
    ],
  },
  roster: {
    source: 'one_roster',
    headings: [
      ['givenName', 'first_name'],
      ['familyName', 'last_name'],
      ['role', 'one_roster_role'],
      ['email', 'email'],
      ['phone', 'phone'],
      ['identifier', 'ignored'],
    ],
  },
  entra: {
    source: 'entra',
    headings: [
      ['First name [givenName]', 'first_name'],
      ['Last name [surname]', 'last_name'],
      ['Job title [jobTitle]', 'job_title'],
      ['User name [userPrincipalName] Required', 'email'],
      ['Office phone [telephoneNumber]', 'phone'],
      ['Initial password [passwordProfile] Required', 'password'],
    ],
  },
};
const kind = new URLSearchParams(window.location.search).get('file') ?? 'template';
const ofPupils = kind === 'pupils';
const described = ofPupils
  ? { source: 'template' as const, headings: PUPIL_HEADINGS }
  : (FILES[kind] ?? { source: 'template', headings: TEMPLATE });
const ROWS = scene === 'many' ? 150_000 : 38;

const FIRST = ['Zoë', 'Amir', 'Bryony', 'Callum', 'Dilys', 'Eoin', 'Farah'];
const LAST = ['Alder', 'Birch', 'Cedar', 'Elm', 'Fir', 'Gorse', 'Hazel', 'Ivy', 'Juniper', 'Larch', 'Maple'];

/** The cells of the rows, as the file has them; some are wrong on purpose. */
const cells: string[][] = Array.from({ length: ROWS }, (_, at) => {
  if (ofPupils) return pupilCells(at);
  const first = FIRST[at % 7] ?? '';
  const last = LAST[at % 11] ?? '';
  const name = `${first}.${last}${at > 70 ? at : ''}`
    .normalize('NFD')
    .replace(/[^\w.]/g, '')
    .toLowerCase();
  const bad = kind !== 'good';
  return [
    bad && at % 19 === 4 ? '' : long && at === 0 ? 'Wilhelmina-Alexandrina Theodora' : first,
    last,
    'Designated Teacher',
    bad && at % 9 === 5 ? `${name}.example.org` : bad && at % 23 === 8 ? 'office@example.org' : `${name}@example.org`,
    '01632 960123',
    bad && at % 13 === 6 ? '999999' : bad && at % 17 === 3 ? '0' : String(100_000 + (at % 300) * 7),
    'Hunter-2',
    '',
  ].slice(0, Math.max(6, described.headings.length));
});

function columnsWith(mapping: readonly ColumnChoice[]): FileColumn[] {
  return described.headings.map(([heading, column], index) => {
    const chosen = mapping.find((choice) => choice.index === index);
    const state = column === 'ignored' || column === 'password' ? 'ignored' : column ? 'recognised' : 'unrecognised';
    return {
      index,
      letters: String.fromCharCode(65 + index),
      heading,
      column: chosen?.column ?? column,
      state: chosen ? (chosen.column === 'ignored' ? 'ignored' : 'chosen') : state,
    };
  });
}

function fileFinding(message: string): Finding {
  return {
    row: 1,
    column: null,
    column_index: null,
    field: null,
    value: '',
    severity: 'error',
    code: 'missing_column',
    message,
  };
}

function recognisedWith(mapping: readonly ColumnChoice[]): Recognised {
  const columns = columnsWith(mapping);
  const has = (wanted: Column) => columns.some((column) => column.column === wanted);
  return {
    encoding: 'windows1252',
    delimiter: 'comma',
    source: described.source,
    heading_row: 1,
    columns,
    rows: ROWS,
    blank_rows: 2,
    sample: cells.slice(0, 5).map((row, at) => ({
      row: at + 2,
      cells: columns.map((column, index) => (column.column === 'password' ? '' : (row[index] ?? ''))),
    })),
    findings: (ofPupils ? [] : (['last_name', 'email'] as const))
      .filter((wanted) => !has(wanted))
      .map((wanted) =>
        fileFinding(
          `No column is recognised as the ${wanted === 'email' ? 'e-mail address' : 'last name'}, which every user needs.`,
        ),
      ),
  };
}

function chosenWith(mapping: readonly ColumnChoice[]): ChosenFile {
  const name = long
    ? 'Designated teachers of the whole county as sent by the office on Thursday, final, checked (2) corrected.csv'
    : ofPupils
      ? 'children looked after.csv'
      : 'new designated teachers.csv';
  return { path: `/home/me/${name}`, name, recognised: recognisedWith(mapping) };
}

const left = new Set<number>();
const mended = new Set<string>();

function rule(row: number): Finding[] {
  if (ofPupils) return pupilRule(row, cells[row - 2] ?? []);
  const [first = '', , , email = '', , urn = ''] = cells[row - 2] ?? [];
  const found: Finding[] = [];
  const add = (at: number, severity: Severity, code: FindingCode, value: string, message: string) => {
    const [column = null, field = null] = described.headings[at] ?? [];
    found.push({ row, column, column_index: at, field, value: value.slice(0, 100), severity, code, message });
  };
  if (!first) add(0, 'error', 'missing_first_name', '', 'There is no first name. Enter the first name of this user.');
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) {
    add(3, 'error', 'bad_email', email, 'This is not an e-mail address. It needs an @, as in name@example.org.');
  } else if (email.startsWith('office@')) {
    add(
      3,
      'warning',
      'shared_mailbox',
      email,
      'This looks like a shared mailbox. Each user needs an address that only they read.',
    );
  }
  if (urn === '999999') {
    add(
      5,
      'error',
      'unknown_urn',
      urn,
      'No establishment here has the URN 999999. Check the number on the school’s page in Get Information About Schools.',
    );
  } else if (urn === '0' || urn === '') {
    add(
      5,
      'warning',
      urn ? 'urn_zero' : 'urn_blank',
      urn,
      'The URN is 0, so this Designated Teacher is not linked yet. The invitation is held until an establishment is linked.',
    );
  }
  return found;
}

let findings: Finding[] = [];

function judge(): { counts: Counts; kinds: FindingKind[] } {
  const all = cells.flatMap((_, at) => (left.has(at + 2) ? [] : rule(at + 2)));
  findings = [
    ...all.filter((finding) => finding.severity === 'error'),
    ...(ofPupils ? MISSING : []),
    ...all.filter((finding) => finding.severity === 'warning'),
  ];
  const kinds = new Map<FindingCode, FindingKind>();
  for (const { severity, code } of findings) {
    kinds.set(code, { severity, code, count: (kinds.get(code)?.count ?? 0) + 1 });
  }
  const errors = findings.filter((finding) => finding.severity === 'error');
  const refused = new Set(errors.map((finding) => finding.row)).size;
  const known = existing === 'refuse' ? 0 : 2;
  const good = ROWS - refused - left.size;
  return {
    kinds: [...kinds.values()].sort((a, b) =>
      a.severity === b.severity ? b.count - a.count : a.severity === 'error' ? -1 : 1,
    ),
    counts: {
      rows_read: ROWS,
      rows_accepted: good - (existing === 'skip' ? known : 0),
      rows_refused: refused,
      rows_skipped: left.size + (existing === 'skip' ? known : 0),
      rows_skipped_existing: existing === 'skip' ? known : 0,
      rows_skipped_not_staff: 0,
      rows_skipped_not_active: 0,
      rows_left_out: left.size,
      rows_skipped_example: 0,
      to_create: good - known,
      to_update: existing === 'update' ? known : 0,
      to_skip: existing === 'skip' ? known : 0,
      not_linked_yet: findings.filter((finding) => finding.code === 'urn_zero').length,
      ends_care: findings.filter((finding) => finding.code === 'care_ends').length,
      looked_after: ofPupils ? 36 : 0,
      missing: ofPupils ? MISSING.length : 0,
      errors: errors.length,
      warnings: findings.length - errors.length,
    },
  };
}

let existing: Import['existing'] = ofPupils ? 'update' : 'skip';
const first = judge();

const judged: Import = {
  id: id(10, 0),
  revision: 1,
  kind: ofPupils ? 'pupils' : 'users',
  role: ofPupils ? null : 'designated_teacher',
  as_at: ofPupils ? '2026-11-23' : null,
  rows_hidden: false,
  ends_many: ofPupils,
  existing,
  file_name: chosenWith([]).name,
  status: 'judged',
  begun_by: 'Ruth Alder',
  begun_at: ago(1),
  committed_at: null,
  recognised: recognisedWith([]),
  counts: first.counts,
  finding_kinds: first.kinds,
  blocked: false,
  mended_cells: 0,
  result: null,
  invite_at: null,
  invited_at: null,
  progress: null,
  undone: null,
};

function past(number: number, more: Partial<Import>, result: Partial<ImportResult>): Import {
  const counts = { created: 28, updated: 2, skipped: 1, refused: 7, invited: 28, ...result };
  return {
    ...judged,
    kind: 'users',
    role: 'designated_teacher',
    as_at: null,
    ends_many: false,
    id: id(10, number),
    status: 'committed',
    begun_at: ago(3_000 * number),
    committed_at: ago(3_000 * number - 5),
    result: counts,
    invited_at: ago(3_000 * number - 5),
    ...more,
  };
}

const imports: Import[] = empty
  ? []
  : [
      judged,
      past(1, {}, {}),
      past(
        2,
        { file_name: 'social workers autumn.csv', role: 'social_worker', invited_at: null },
        { refused: 0, invited: 0 },
      ),
      past(
        3,
        { file_name: 'cover teachers.csv', invited_at: null, invite_at: ago(-9_000) },
        { updated: 0, invited: 0 },
      ),
      past(
        4,
        {
          file_name: 'the wrong file.csv',
          begun_by: 'Amir Birch',
          status: 'undone',
          undone: { at: ago(2_000), by: 'Ruth Alder', removed: 27, restored: 2, stayed: 1 },
        },
        {},
      ),
      past(
        5,
        {
          file_name: 'nightly extract.csv',
          kind: 'pupils',
          role: null,
          as_at: '2026-11-20',
          begun_by: 'Command line',
          rows_hidden: true,
          recognised: null,
          invited_at: null,
        },
        { created: 1, updated: 4, skipped: 212, refused: 0, invited: 0 },
      ),
      past(20, { file_name: 'last year.csv', recognised: null }, { refused: 0 }),
    ];

function found(which: string): Import {
  const one = imports.find((other) => other.id === which);
  if (!one) throw problem('not_found', 'It is no longer there, or you may not see it.');
  return one;
}

function mend(one: Import, change: MendImport): Import {
  if (change.revision !== one.revision) {
    throw problem('import.revised', 'Somebody else changed this import meanwhile. Look at it again, then go on.');
  }
  for (const { row, column, value } of change.cells) {
    const cell = cells[row - 2];
    if (cell) cell[column] = value;
    mended.add(`${row}/${column}`);
  }
  for (const row of change.leave_out) left.add(row);
  for (const row of change.take_back) left.delete(row);
  existing = change.existing ?? existing;
  const now = judge();
  one.revision += 1;
  one.existing = existing;
  one.counts = now.counts;
  one.finding_kinds = now.kinds;
  one.mended_cells = mended.size;
  return one;
}

const STAYING: Staying[] = users.slice(1, 4).map((user, at) => ({
  id: user.id,
  name: `${user.first_name} ${user.last_name}`,
  detail: user.email,
  reason: at === 0 ? 'signed_in' : 'changed',
  message:
    at === 0
      ? 'They have signed in since. Make them inactive instead, if they should not have an account.'
      : 'Somebody changed this user after the import.',
}));

function page<T>(rows: readonly T[], after: string | null, limit: number | null) {
  const from = Number(after ?? 0);
  const to = from + (limit ?? 50);
  return { rows: rows.slice(from, to), after: to < rows.length ? String(to) : null };
}

/** The commands of bulk add. */
export const importCommands = {
  save_template: () => ({ path: '/home/me/Users template.csv' }),
  choose_file: () => chosenWith([]),
  look_at_file: ({ mapping }) => chosenWith(mapping),
  judge_file: ({ mapping, role, as_at }) => Object.assign(judged, { recognised: recognisedWith(mapping), role, as_at }),
  stop_judging: () => undefined,
  mend_import: ({ id: which, mend: change }) => mend(found(which), change),
  get_import_row: ({ row }) => {
    if (!cells[row - 2]) throw problem('not_found', `The file has no row ${row}.`);
    return {
      row,
      cells: (cells[row - 2] ?? []).slice(0, described.headings.length).map((value, at) => ({
        heading: described.headings[at]?.[0] ?? '',
        column: described.headings[at]?.[1] ?? null,
        value: described.headings[at]?.[1] === 'password' ? '' : value,
        mended: mended.has(`${row}/${at}`),
      })),
      left_out: left.has(row),
      findings: left.has(row) ? [] : rule(row),
    };
  },
  list_findings: ({ filter }) =>
    page(
      findings.filter(
        (finding) =>
          (!filter.severity || finding.severity === filter.severity) &&
          (!filter.code || finding.code === filter.code) &&
          (!filter.row || finding.row === filter.row),
      ),
      filter.after,
      filter.limit,
    ),
  commit_import: ({ id: which, commit }) => {
    const one = found(which);
    one.status = 'committed';
    one.progress = null;
    one.committed_at = new Date().toISOString();
    one.invited_at = commit.invite ? one.committed_at : null;
    one.invite_at = commit.invite_at;
    one.result = {
      created: one.counts.to_create,
      updated: one.counts.to_update,
      skipped: one.counts.rows_skipped,
      refused: one.counts.rows_refused,
      invited: commit.invite ? one.counts.to_create : 0,
    };
    return one;
  },
  cancel_import: ({ id: which }) => found(which),
  get_import: ({ id: which }) => found(which),
  list_imports: ({ after }) => page(imports, after, 50),
  list_import_outcomes: ({ id: which, filter }) => {
    const one = found(which);
    const count =
      filter.outcome === 'created'
        ? one.result?.created
        : filter.outcome === 'updated'
          ? one.result?.updated
          : one.result?.skipped;
    const rows = users
      .slice(1, 1 + (one.undone && filter.outcome === 'created' ? 1 : (count ?? 0)))
      .map((user): ImportedOne => ({
        id: user.id,
        outcome: filter.outcome ?? 'created',
        name: `${user.first_name} ${user.last_name}`,
        detail: one.kind === 'pupils' ? `Reference R${user.id.slice(-2)}` : user.email,
        undone: one.undone !== null && filter.outcome === 'updated',
      }));
    return page(rows, filter.after, filter.limit);
  },
  look_at_undo: ({ id: which }) => {
    const one = found(which);
    const stay = one.id === imports[1]?.id ? STAYING : [];
    return {
      refused: one.undone ? 'This import was undone already.' : null,
      to_remove: Math.max(0, (one.result?.created ?? 0) - stay.length),
      to_restore: one.result?.updated ?? 0,
      staying: stay.length,
      rows: stay,
      after: null,
    };
  },
  undo_import: ({ id: which }) => {
    const one = found(which);
    one.status = 'undone';
    one.undone = { at: new Date().toISOString(), by: 'Ruth Alder', removed: 25, restored: 2, stayed: 3 };
    return one;
  },
  invite_created: ({ id: which }) => {
    const one = found(which);
    one.invited_at = new Date().toISOString();
    if (one.result) one.result.invited = one.result.created;
    return one;
  },
  save_refused_rows: () => ({ path: '/home/me/Rows to mend.csv' }),
} satisfies Partial<Answers>;

/** How long a command takes, in milliseconds, so that its progress can be looked at. */
export function slowness(name: string): number {
  if (name === 'commit_import') {
    const total = 3_000;
    for (let at = 300; at < total; at += 300) setTimeout(() => tell(at / total), at);
    return total;
  }
  if (name === 'judge_file') return 1_200;
  return name === 'mend_import' || name === 'undo_import' ? 350 : 8;
}

/** Tells the page how far the commit has come, as the shell does. */
function tell(share: number): void {
  const phase = share < 0.3 ? 'judging' : share < 0.9 ? 'writing' : 'finishing';
  const event = {
    kind: 'import_progress',
    account: id(0, 0),
    id: judged.id,
    progress: { phase, share, cancelled: false },
  };
  (window as unknown as { lac?: (event: unknown) => void }).lac?.(event);
}
