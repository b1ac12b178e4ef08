/** A file of pupils, as `?file=pupils` in the address chooses it; some cells are wrong on purpose. */
import type { Column, Finding, FindingCode, Severity } from '../src/lib/bindings';

/** The template's headings. */
export const PUPIL_HEADINGS: readonly (readonly [heading: string, column: Column | null])[] = [
  ['UPN', 'pupil_upn'],
  ['Pupil First Name', 'pupil_first_name'],
  ['Pupil Last Name', 'pupil_last_name'],
  ['Known As', 'known_as'],
  ['Date of Birth', 'date_of_birth'],
  ['School Reference Number (URN)', 'school_urn'],
  ['Enrolment Kind', 'enrolment_kind'],
  ['On Roll From', 'on_roll_from'],
  ['On Roll To', 'on_roll_to'],
  ['Care Started', 'care_started'],
  ['Care Ended', 'care_ended'],
  ['Social Worker Email', 'social_worker_email'],
  ['Reference', 'reference'],
];

const FIRST = ['Tom', 'Una', 'Vic', 'Wim', 'Ada', 'Bea', 'Cai'];
const LAST = ['Reed', 'Slope', 'Bold', 'Grey', 'Thorne', 'Lupin'];

/** The cells of a row. */
export function pupilCells(at: number): string[] {
  return [
    at % 9 === 2 ? 'X80120000500' : `B80120000${5001 + at}`,
    FIRST[at % 7] ?? '',
    at % 17 === 5 ? '' : (LAST[at % 6] ?? ''),
    at % 5 === 0 ? `${FIRST[at % 7] ?? ''}my` : '',
    at % 13 === 3 ? '31/02/2014' : `0${1 + (at % 9)}/05/2014`,
    String(100_000 + (at % 30) * 7),
    at % 11 === 0 ? 'Dual' : '',
    '03/09/2026',
    '',
    '10/01/2025',
    at % 8 === 1 ? '20/11/2026' : '',
    'josiah.crawley@example.org',
    `R${1 + at}`,
  ];
}

/** What is found in a row. */
export function pupilRule(row: number, cells: readonly string[]): Finding[] {
  const [upn = '', first = '', last = '', , born = '', , , , , , ended = ''] = cells;
  const found: Finding[] = [];
  const add = (at: number, severity: Severity, code: FindingCode, message: string) => {
    const [column = null, field = null] = PUPIL_HEADINGS[at] ?? [];
    found.push({ row, column, column_index: at, field, value: cells[at] ?? '', severity, code, message });
  };
  if (upn.startsWith('X')) add(0, 'error', 'bad_upn', 'A UPN has 13 characters: a letter, then twelve digits.');
  if (!last) add(2, 'error', 'missing_last_name', 'Enter the pupil’s last name.');
  if (born.startsWith('31/02')) {
    add(4, 'error', 'bad_date', 'This is not a date. Write it as day, month and year, such as 04/05/2014.');
  }
  if (ended) add(10, 'warning', 'care_ends', `${first} ${last}’s care ends on 20 November 2026, as this file says.`);
  return found;
}

/** Those who are looked after and not in the file. */
export const MISSING: Finding[] = ['Grace Lupin (reference R71)', 'Eoin Thorne (UPN B801200009001)'].map((who) => ({
  row: 1,
  column: null,
  column_index: null,
  field: null,
  value: '',
  severity: 'warning',
  code: 'missing_from_file',
  message: `Looked after here, and not in the file: ${who}. Nothing was changed.`,
}));
