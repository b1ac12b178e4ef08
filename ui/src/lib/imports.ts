import type { Column, Counts, Delimiter, ExistingUsers, FileSource, ImportResult, TextEncoding } from './bindings';
import { listed, plural } from './plural';

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
  template: 'the headings of the template',
  one_roster: 'the headings of OneRoster',
  entra: 'the headings of Microsoft Entra',
  google: 'the headings of Google Workspace',
  other: 'headings of its own',
  unknown: 'headings of its own',
};

/** What kind of file it is, in a sentence. */
export function fileInWords(source: FileSource, encoding: TextEncoding, delimiter: Delimiter): string {
  return `It has ${SOURCES[source]}, its text is ${ENCODINGS[encoding]}, and ${DELIMITERS[delimiter]} part its cells.`;
}

/** What may be done with users who exist. */
export const EXISTING: readonly { value: ExistingUsers; label: string; hint: string }[] = [
  { value: 'refuse', label: 'Show them as errors', hint: 'So that you can decide about each of them.' },
  { value: 'skip', label: 'Leave them as they are', hint: 'Their rows are passed over.' },
  { value: 'update', label: 'Update them from the file', hint: 'Names, job title, telephone and establishments.' },
];

/** What a commit would do, in the words of the big line: `30 users will be added`. */
export function willDo(counts: Counts): string {
  const parts: string[] = [];
  if (counts.to_create > 0) parts.push(`${plural(counts.to_create, 'user')} will be added`);
  if (counts.to_update > 0) {
    parts.push(`${plural(counts.to_update, 'user')} will be updated`);
  }
  return parts.length > 0 ? listed(parts) : 'No user will be added';
}

/** What else is to be known of the rows, a line for each. */
export function rowsInWords(counts: Counts): string[] {
  const lines: string[] = [];
  const users = counts.to_create + counts.to_update;
  if (counts.rows_accepted > users && users > 0) {
    lines.push(
      `${plural(counts.rows_accepted, 'row')} make ${plural(users, 'user')}: some have several establishments.`,
    );
  }
  if (counts.rows_refused > 0) lines.push(`${plural(counts.rows_refused, 'row')} with errors cannot be taken.`);
  if (counts.rows_skipped_existing > 0) {
    lines.push(`${plural(counts.rows_skipped_existing, 'row')} passed over: the user exists already.`);
  }
  if (counts.rows_skipped_not_staff > 0) {
    lines.push(`${plural(counts.rows_skipped_not_staff, 'row')} passed over: not staff.`);
  }
  if (counts.rows_skipped_example > 0) {
    lines.push(`${plural(counts.rows_skipped_example, 'row')} passed over: an example of the template.`);
  }
  if (counts.rows_left_out > 0) lines.push(`${plural(counts.rows_left_out, 'row')} left out by hand.`);
  if (counts.rows_skipped_not_active > 0) {
    lines.push(`${plural(counts.rows_skipped_not_active, 'row')} passed over: not active.`);
  }
  if (counts.not_linked_yet > 0) {
    const many = counts.not_linked_yet > 1;
    lines.push(
      `${plural(counts.not_linked_yet, 'Designated Teacher')} without an establishment: ${many ? 'their invitations are' : 'the invitation is'} held until a link is made.`,
    );
  }
  return lines;
}

/** What a commit did, in the words of the big line. */
export function wasDone(result: ImportResult): string {
  const parts: string[] = [];
  if (result.created > 0)
    parts.push(`${plural(result.created, 'user')} ${result.created === 1 ? 'was' : 'were'} added`);
  if (result.updated > 0)
    parts.push(`${plural(result.updated, 'user')} ${result.updated === 1 ? 'was' : 'were'} updated`);
  return parts.length > 0 ? listed(parts) : 'No user was added';
}
