import type { Finding, FindingCode, FindingKind, Severity } from './bindings';
import { capital } from './plural';

/** What each kind of finding is called where it is chosen from a list. */
const NAMES: Partial<Record<FindingCode, string>> = {
  missing_column: 'A column is missing',
  repeated_column: 'Two columns say the same',
  unclosed_quote: 'A quotation mark is not closed',
  too_few_cells: 'Too few cells',
  too_many_cells: 'Too many cells',
  missing_first_name: 'No first name',
  missing_last_name: 'No last name',
  missing_email: 'No e-mail address',
  bad_email: 'Not an e-mail address',
  shared_mailbox: 'A shared mailbox',
  email_names_differ: 'One e-mail address, two names',
  email_roles_differ: 'One e-mail address, two roles',
  email_in_use: 'E-mail address in use',
  user_exists: 'The user exists',
  user_role_differs: 'The user has another role',
  user_role_changes: 'The user’s role changes',
  user_role_fixed: 'The user’s role can’t change',
  repeated_row: 'A row twice',
  details_differ: 'Two rows differ',
  bad_urn: 'Not a URN',
  unknown_urn: 'URN not known',
  establishment_closed: 'Establishment closed',
  urn_zero: 'URN is 0',
  urn_blank: 'No URN',
  urn_ignored: 'URN not read',
  bad_upn: 'Not a UPN',
  upn_check_letter: 'UPN check letter',
  unknown_upn: 'UPN not known',
  upn_ignored: 'UPN not read',
  unknown_role: 'Not a role',
  super_user_role: 'An LA Super User',
  too_long: 'Too long',
  control_character: 'A character that can’t be typed',
  lost_character: 'A lost character',
  phone_letters: 'Letters in a phone number',
  missing_name: 'No name',
  unknown_status: 'Status not known',
  bad_date: 'Not a date',
  cells_out_of_line: 'Cells out of line',
  missing_reference: 'No number to know the child by',
  repeated_child: 'A child twice',
  end_before_start: 'Ends before it begins',
  unknown_child: 'A child who is not in header.csv',
  repeated_upn: 'One UPN, two children',
  after_the_return: 'After the return’s day',
  end_reason_without_end: 'A reason for ending, and no end',
  episodes_overlap: 'Episodes overlap',
  episodes_gap: 'A gap between episodes',
  no_episode_follows: 'No episode follows',
  unknown_kind: 'Not a kind of enrolment',
  unknown_worker: 'Social worker not known',
  upn_kept: 'Another UPN is held',
  other_pupil: 'Another pupil’s number',
  pupil_closed: 'A record that cannot change',
  dates_clash: 'Dates that do not fit',
  pupil_exists: 'The pupil exists',
  care_ends: 'Care ends',
  missing_from_file: 'Looked after, not in the file',
};

/** The name of a kind of finding; one that this version does not know is named by its code. */
export function nameOf(code: FindingCode): string {
  return NAMES[code] ?? capital(code.replaceAll('_', ' '));
}

/** Which findings are shown. */
export interface FindingsShown {
  severity: Severity | null;
  code: FindingCode | null;
}

/** The kinds that may be chosen beside a severity, each with its count, as a list of options. */
export function kindOptions(kinds: readonly FindingKind[], severity: Severity | null): (readonly [string, string])[] {
  const counts = new Map<FindingCode, number>();
  for (const kind of kinds) {
    if (severity === null || kind.severity === severity) {
      counts.set(kind.code, (counts.get(kind.code) ?? 0) + kind.count);
    }
  }
  const options = [...counts].map(
    ([code, count]) => [code, `${nameOf(code)} (${count.toLocaleString('en-GB')})`] as const,
  );
  return [['all', 'All kinds'], ...options];
}

/** A finding's key in a list; the same after the file was judged again. */
export function keyOf(finding: Finding): string {
  // What is about no column may be said of several: their words tell them apart.
  return `${finding.row}/${finding.column_index ?? finding.message}/${finding.code}`;
}

/** What is announced once a row was judged again. */
export function judgedAgain(row: number, errors: number, warnings: number): string {
  const name = `Row ${row.toLocaleString('en-GB')}`;
  if (errors === 1) return `${name} still has an error.`;
  if (errors > 1) return `${name} still has ${errors} errors.`;
  if (warnings > 0) return `${name} has no error now, and ${warnings === 1 ? 'a warning' : `${warnings} warnings`}.`;
  return `${name} has no error now.`;
}
