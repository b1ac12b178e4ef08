import type {
  Column,
  ColumnState,
  Counts,
  Delimiter,
  ExistingUsers,
  FileColumn,
  FileSource,
  Import,
  ImportKind,
  ImportPhase,
  ImportResult,
  TextEncoding,
  UndoLook,
  Undone,
} from './bindings';
import { listed, plural } from './plural';
import type { Route } from './routes';

/** What a column of a file is read as; the template's own headings. */
export const COLUMN_NAMES: Record<Column, string> = {
  first_name: 'User First Name',
  last_name: 'User Last Name',
  job_title: 'Job Title',
  email: 'Email',
  phone: 'Phone',
  urn: 'School Reference Number (URN)',
  upn: 'Pupil Reference Number (UPN)',
  user_role: 'User Role',
  one_roster_role: 'Role (OneRoster)',
  one_roster_status: 'Status (OneRoster)',
  one_roster_enabled: 'Enabled (OneRoster)',
  pupil_upn: 'UPN',
  pupil_first_name: 'Pupil First Name',
  pupil_last_name: 'Pupil Last Name',
  known_as: 'Known As',
  date_of_birth: 'Date of Birth',
  school_urn: 'School Reference Number (URN)',
  enrolment_kind: 'Enrolment Kind',
  on_roll_from: 'On Roll From',
  on_roll_to: 'On Roll To',
  care_started: 'Care Started',
  care_ended: 'Care Ended',
  social_worker_email: 'Social Worker Email',
  reference: 'Reference',
  password: 'Password: never read',
  ignored: 'Not read',
  unknown: 'Not read',
};

const ENCODINGS: Record<TextEncoding, string> = {
  utf8: 'UTF-8',
  utf8_bom: 'UTF-8',
  utf16_le: 'UTF-16',
  utf16_be: 'UTF-16',
  windows1252: 'Windows-1252',
  unknown: 'an unknown encoding',
};

const DELIMITERS: Record<Delimiter, string> = {
  comma: 'commas',
  semicolon: 'semicolons',
  tab: 'tabs',
  unknown: 'an unknown sign',
};

const SOURCES: Record<FileSource, string> = {
  template: 'This is the template of Looked After Call.',
  one_roster: 'This is a OneRoster 1.1 users file: only its active members of staff are read.',
  entra: 'This is a Microsoft Entra bulk file.',
  google: 'This is a Google Workspace user file.',
  other: 'This is a list with headings of its own.',
  unknown: 'This is a list with headings of its own.',
};

/** What kind of file it is, in two sentences. */
export function fileInWords(source: FileSource, encoding: TextEncoding, delimiter: Delimiter): string {
  return `${SOURCES[source]} Its text is ${ENCODINGS[encoding]}, and ${DELIMITERS[delimiter]} part its cells.`;
}

/** What an import adds, for one and for several. */
export const WHAT: Record<ImportKind, readonly [string, string]> = {
  users: ['user', 'users'],
  pupils: ['pupil', 'pupils'],
  establishments: ['establishment', 'establishments'],
  unknown: ['entry', 'entries'],
};

/** `1 user`, `30 pupils`. */
export function counted(count: number, kind: ImportKind): string {
  return plural(count, ...WHAT[kind]);
}

/** The screen on which a file of a kind is chosen. */
export function startOf(kind: ImportKind): Route {
  return kind === 'pupils' ? { screen: 'bulk_add_pupils' } : { screen: 'bulk_add' };
}

/** The list of those whom imports of a kind add. */
export function listOf(kind: ImportKind): Route {
  return kind === 'pupils' ? { screen: 'pupils' } : { screen: 'users' };
}

/** The page of an import. */
export function pageOf({ id, kind }: Pick<Import, 'id' | 'kind'>): Route {
  return { screen: kind === 'pupils' ? 'import_of_pupils' : 'import', id };
}

/** What a column of a file of users, and of one of pupils, may be said to be. */
const USER_COLUMNS: readonly Column[] = [
  'first_name',
  'last_name',
  'job_title',
  'email',
  'phone',
  'urn',
  'upn',
  'user_role',
];
const PUPIL_COLUMNS: readonly Column[] = [
  'pupil_upn',
  'pupil_first_name',
  'pupil_last_name',
  'known_as',
  'date_of_birth',
  'school_urn',
  'enrolment_kind',
  'on_roll_from',
  'on_roll_to',
  'care_started',
  'care_ended',
  'social_worker_email',
  'reference',
];

/** What a column of a file of a kind may be said to be. */
export function columnChoices(kind: ImportKind): readonly Column[] {
  return kind === 'pupils' ? PUPIL_COLUMNS : USER_COLUMNS;
}

const READ: readonly ColumnState[] = ['recognised', 'chosen', 'remembered'];

/** Whether a column is read. */
export function isRead(column: FileColumn): boolean {
  return READ.includes(column.state) && column.column !== null;
}

/** What may be done with those who exist. */
export function existingChoices(kind: ImportKind): readonly { value: ExistingUsers; label: string; hint: string }[] {
  if (kind !== 'pupils') return EXISTING;
  return EXISTING.map((choice) =>
    choice.value === 'update'
      ? { ...choice, hint: 'An empty cell never clears what is there, and a later date that is held here stands.' }
      : choice,
  );
}

const EXISTING: readonly { value: ExistingUsers; label: string; hint: string }[] = [
  {
    value: 'skip',
    label: 'Leave them as they are',
    hint: 'Their rows are passed over, and nothing about them changes.',
  },
  {
    value: 'update',
    label: 'Update them from the file',
    hint: 'An empty cell never clears what is there, and a role changes only if the file has a column “User Role”.',
  },
  { value: 'refuse', label: 'Show them as errors', hint: 'So that you can decide about each of them.' },
];

/** What a commit would do, in the words of the big line: `28 users will be added, 2 updated`. */
export function willDo(counts: Counts, kind: ImportKind): string {
  const { to_create: added, to_update: updated } = counts;
  if (added > 0 && updated > 0)
    return `${counted(added, kind)} will be added, ${updated.toLocaleString('en-GB')} updated`;
  if (added > 0) return `${counted(added, kind)} will be added`;
  if (updated > 0) return `${counted(updated, kind)} will be updated`;
  return `No ${WHAT[kind][0]} will be added`;
}

/** The same with the rows that are not taken, as one sentence. */
export function summary(counts: Counts, kind: ImportKind): string {
  const refused = counts.rows_refused;
  return `${willDo(counts, kind)}${refused > 0 ? `, ${plural(refused, 'row')} will not be taken` : ''}.`;
}

/** What else is to be known of the rows, a line for each. */
export function rowsInWords(counts: Counts, kind: ImportKind): string[] {
  const lines: string[] = [];
  const all = counts.to_create + counts.to_update;
  if (counts.rows_accepted > all && all > 0 && kind === 'users') {
    lines.push(`${plural(counts.rows_accepted, 'row')} make ${counted(all, kind)}: some have several establishments.`);
  }
  if (counts.rows_accepted > all && all > 0 && kind === 'pupils') {
    lines.push(`${plural(counts.rows_accepted, 'row')} make ${counted(all, kind)}: some have several enrolments.`);
  }
  if (counts.ends_care > 0) lines.push(`The care of ${counted(counts.ends_care, kind)} ends.`);
  if (counts.missing > 0) {
    const are = counts.missing === 1 ? 'is' : 'are';
    lines.push(`${plural(counts.missing, 'looked-after pupil')} ${are} not in the file. Nothing is done to them.`);
  }
  if (counts.rows_left_out > 0) lines.push(`${plural(counts.rows_left_out, 'row')} left out by hand.`);
  if (counts.rows_skipped_existing > 0) {
    const why = kind === 'pupils' ? 'the pupil is here, with nothing to change' : `the ${WHAT[kind][0]} exists already`;
    lines.push(`${plural(counts.rows_skipped_existing, 'row')} passed over: ${why}.`);
  }
  if (counts.rows_skipped_not_staff > 0) {
    lines.push(`${plural(counts.rows_skipped_not_staff, 'row')} passed over: not staff.`);
  }
  if (counts.rows_skipped_not_active > 0) {
    lines.push(`${plural(counts.rows_skipped_not_active, 'row')} passed over: not active.`);
  }
  if (counts.rows_skipped_example > 0) {
    lines.push(`${plural(counts.rows_skipped_example, 'row')} passed over: the example that came with the file.`);
  }
  if (counts.not_linked_yet > 0) {
    const many = counts.not_linked_yet > 1;
    lines.push(
      `${plural(counts.not_linked_yet, 'Designated Teacher')} without an establishment: ${many ? 'their invitations are' : 'the invitation is'} held until a link is made.`,
    );
  }
  return lines;
}

/** Why the rows of an import are not shown. */
export function rowsHidden(one: Import): string {
  return `${one.begun_by === 'Command line' ? 'The store itself read this file' : `${one.begun_by} sent this file`}. Its rows are shown to nobody else, because a list of pupils may name a child whom you may not see.`;
}

/** What a commit did, in the words of the big line. */
export function wasDone(result: ImportResult, kind: ImportKind): string {
  const parts: string[] = [];
  if (result.created > 0) parts.push(`${counted(result.created, kind)} ${result.created === 1 ? 'was' : 'were'} added`);
  if (result.updated > 0) {
    parts.push(`${counted(result.updated, kind)} ${result.updated === 1 ? 'was' : 'were'} updated`);
  }
  return parts.length > 0 ? listed(parts) : `No ${WHAT[kind][0]} was added`;
}

/** The same as short as a list needs: `28 added, 2 updated, 7 refused`. */
export function inShort(result: ImportResult): string {
  const parts = (['created', 'updated', 'refused'] as const)
    .filter((what) => result[what] > 0)
    .map((what) => `${result[what].toLocaleString('en-GB')} ${what === 'created' ? 'added' : what}`);
  return parts.join(', ') || 'Nothing added';
}

/** What a commit or an undo is doing now. */
export const PHASES: Record<ImportPhase, string> = {
  reading: 'Reading the file again',
  judging: 'Checking every row once more',
  writing: 'Writing',
  finishing: 'Finishing: this can no longer be cancelled',
  unknown: 'Working',
};

/** What an undo would do: `28 users would be removed, 2 would have their former values again`. */
export function wouldUndo(look: UndoLook, kind: ImportKind): string {
  const parts: string[] = [];
  if (look.to_remove > 0) parts.push(`${counted(look.to_remove, kind)} will be removed`);
  if (look.to_restore > 0) {
    parts.push(
      `${counted(look.to_restore, kind)} will have ${look.to_restore === 1 ? 'its' : 'their'} former values again`,
    );
  }
  return parts.length > 0 ? listed(parts) : 'Nothing can be undone any more';
}

/** What an undo did. */
export function wasUndone(undone: Undone, kind: ImportKind): string {
  const parts: string[] = [];
  if (undone.removed > 0) parts.push(`${counted(undone.removed, kind)} removed`);
  if (undone.restored > 0) parts.push(`${counted(undone.restored, kind)} with former values again`);
  if (undone.stayed > 0) parts.push(`${counted(undone.stayed, kind)} left as they are`);
  return parts.length > 0 ? listed(parts) : 'Nothing was left to undo';
}
