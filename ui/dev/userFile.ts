/** Files of users, as `?file=` in the address chooses them; some cells are wrong on purpose. */
import type { Column, FileSource, Finding, FindingCode, Severity } from '../src/lib/bindings';
import { long } from './scene';

/** A heading of a file, and what its column is recognised as. */
export type Heading = readonly [heading: string, column: Column | null];

/** What a file is recognised as. */
export interface DescribedFile {
  source: FileSource;
  headings: readonly Heading[];
}

const TEMPLATE: readonly Heading[] = [
  ['User First Name', 'first_name'],
  ['User Last Name', 'last_name'],
  ['Job Title', 'job_title'],
  ['Email', 'email'],
  ['Phone', 'phone'],
  ['School Reference Number (URN)', 'urn'],
];
/** The files whose headings differ from the template's. */
const OTHERS: Record<string, DescribedFile> = {
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

/** The file that `?file=` names; the template where it names none. */
export function userFile(kind: string): DescribedFile {
  return OTHERS[kind] ?? { source: 'template', headings: TEMPLATE };
}

const FIRST = ['Zoë', 'Amir', 'Bryony', 'Callum', 'Dilys', 'Eoin', 'Farah'];
const LAST = ['Alder', 'Birch', 'Cedar', 'Elm', 'Fir', 'Gorse', 'Hazel', 'Ivy', 'Juniper', 'Larch', 'Maple'];

/** The cells of a row; `bad` lets some be wrong. */
export function userCells(at: number, bad: boolean): string[] {
  const first = FIRST[at % 7] ?? '';
  const last = LAST[at % 11] ?? '';
  const name = `${first}.${last}${at > 70 ? at : ''}`
    .normalize('NFD')
    .replace(/[^\w.]/g, '')
    .toLowerCase();
  return [
    bad && at % 19 === 4 ? '' : long && at === 0 ? 'Wilhelmina-Alexandrina Theodora' : first,
    last,
    'Designated Teacher',
    bad && at % 9 === 5 ? `${name}.example.org` : bad && at % 23 === 8 ? 'office@example.org' : `${name}@example.org`,
    '01632 960123',
    bad && at % 13 === 6 ? '999999' : bad && at % 17 === 3 ? '0' : String(100_000 + (at % 300) * 7),
    'Hunter-2',
    '',
  ];
}

/** What is found in a row. */
export function userRule(row: number, cells: readonly string[], headings: readonly Heading[]): Finding[] {
  const [first = '', , , email = '', , urn = ''] = cells;
  const found: Finding[] = [];
  const add = (at: number, severity: Severity, code: FindingCode, value: string, message: string) => {
    const [column = null, field = null] = headings[at] ?? [];
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
