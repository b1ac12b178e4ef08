/** An SSDA903 return: its two files, what is found in them, and proposals that wait. */
import type {
  CareProposal,
  CareReturn,
  CareReturnFile,
  Finding,
  FindingCode,
  PastCareReturn,
} from '../src/lib/bindings';
import type { AccountCommands } from '../src/lib/bindings/commands';
import { day } from '../src/lib/dates';
import { pupils } from './people';
import { ago, empty, found, id, long, page, problem, scene } from './scene';

const MANY = scene === 'many' ? 1_300 : 14;

function proposal(at: number): CareProposal {
  const pupil = pupils[(at * 3) % pupils.length];
  const closes = at % 4 === 1;
  const start = `20${16 + (at % 9)}-0${1 + (at % 9)}-1${at % 9}`;
  const end = closes ? `2025-1${at % 3}-0${1 + (at % 8)}` : at % 5 === 2 ? '2025-09-01' : null;
  const sentence = closes
    ? `The care period that started on ${day(start)} would end on ${day(end ?? start)}.`
    : `A care period from ${day(start)}, ${end ? `to ${day(end)}` : 'not ended'}, would be added.`;
  return {
    id: id(40, at),
    pupil_id: pupil?.id ?? id(3, at),
    known_as: pupil?.known_as ?? 'Tom Reed',
    reference: at % 7 === 6 ? null : String(566_910 + at * 13),
    closes,
    start,
    end,
    as_at: '2026-03-31',
    sentence,
    held: [
      ...(closes ? [{ start, end: null }] : []),
      ...(at % 3 === 0 ? [{ start: '2012-02-03', end: '2014-11-30' }] : []),
      ...(long && at % 2 === 0
        ? [
            { start: '2014-12-24', end: '2015-09-30' },
            { start: '2015-12-01', end: '2016-01-20' },
          ]
        : []),
    ],
  };
}

let waiting: CareProposal[] = empty
  ? []
  : Array.from({ length: scene === 'return' ? 0 : MANY }, (_, at) => proposal(at));

let past: PastCareReturn[] = empty
  ? []
  : [0, 1, 2].map((at) => ({
      id: id(41, at),
      as_at: `${2026 - at}-03-31`,
      read_at: ago(40 + at * 500_000),
      read_by: at === 2 ? null : 'Ruth Alder',
      children: 2_675 - at * 41,
      episodes: 5_050 - at * 77,
      errors: at === 1 ? 3 : 0,
      warnings: 1_204 - at * 100,
      waiting: at === 0 ? waiting.length : 0,
      done: at === 0 ? 0 : 212,
      let_go: at === 1 ? 9 : 0,
      refused: at === 1 ? 1 : 0,
    }));

const SAID: readonly [FindingCode, Finding['severity'], string, string, string][] = [
  [
    'bad_date',
    'error',
    'DECOM',
    '31/02/2018',
    'This is not a date of the form dd/mm/yyyy, such as 31/03/2018. Mend it in the return, and read it again.',
  ],
  [
    'end_before_start',
    'error',
    'DEC',
    '04/01/2018',
    'This episode ends before it begins. Check DECOM and DEC in the return, and read it again.',
  ],
  [
    'episodes_gap',
    'warning',
    '',
    '',
    'The episode before says that care goes on (X1), and this one begins later. The days between are taken as in care.',
  ],
  [
    'upn_check_letter',
    'warning',
    'UPN',
    'A12345678901',
    'The first letter of this UPN does not fit its digits. Check it against the child’s record. It is looked for as it is.',
  ],
  [
    'no_episode_follows',
    'warning',
    '',
    '',
    'This episode says that care goes on (X1), and no other follows it. The child is taken as still in care.',
  ],
];

const finding = (at: number): Finding => {
  const [code, severity, column, value, message] = found(SAID[at % SAID.length]);
  return {
    row: at * 7 + 2,
    column: column || null,
    column_index: column ? 3 : null,
    field: null,
    value,
    severity,
    code,
    message,
  };
};

function file(part: CareReturnFile['part']): CareReturnFile {
  const name = long
    ? `The ${part} of our return as it went to the DfE in June, final, checked twice (2) corrected.csv`
    : `${part}.csv`;
  return { path: `/home/me/${name}`, name, part, rows: part === 'header' ? 2_675 : 5_050 };
}

let chosen = 0;

export const careReturns = {
  choose_care_return_file: (): CareReturnFile => {
    if (new URLSearchParams(window.location.search).get('file') === 'wrong')
      throw problem(
        'file',
        'This is not the file that was asked for: it has no column “CHILD”. Choose header.csv or episodes.csv of the SSDA903 return.',
      );
    return file(chosen++ % 2 === 0 ? 'episodes' : 'header');
  },
  look_at_care_return_file: ({ path }: { path: string }): CareReturnFile =>
    file(path.includes('header') ? 'header' : 'episodes'),
  read_care_return: ({ as_at }: AccountCommands['read_care_return'][0]): CareReturn => {
    waiting = Array.from({ length: MANY }, (_, at) => proposal(at));
    const findings = Array.from({ length: 40 }, (_, at) => finding(at));
    const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
    past = [
      {
        id: id(41, 90 + past.length),
        as_at,
        read_at: ago(0),
        read_by: 'Ruth Alder',
        children: 2_675,
        episodes: 5_050,
        errors: count('error'),
        warnings: count('warning'),
        waiting: waiting.length,
        done: 0,
        let_go: 0,
        refused: 0,
      },
      ...past.map((one) => ({ ...one, waiting: 0 })),
    ];
    return {
      id: past[0]?.id ?? id(41, 90),
      counts: {
        children: 2_675,
        episodes: 5_050,
        short_breaks: 803,
        episodes_refused: count('error'),
        periods: 1_931,
        open_periods: 1_302,
      },
      errors: count('error'),
      warnings: count('warning'),
      header_findings: findings.filter((one) => one.column === 'UPN'),
      episode_findings: findings.filter((one) => one.column !== 'UPN'),
      compared: {
        known: 310,
        same: 291,
        to_open: waiting.filter((one) => !one.closes).length,
        to_close: waiting.filter((one) => one.closes).length,
        later_here: 2,
        differ: 3,
      },
      not_known: Array.from({ length: 365 }, (_, at) => String(100_000 + at * 37)),
    };
  },
  list_care_returns: ({ after }: { after: string | null }) => page(past, after, 20),
  list_care_proposals: ({ after }: { after: string | null }) => page(waiting, after, 200),
  decide_care_proposals: ({ ids, take }: AccountCommands['decide_care_proposals'][0]) => {
    const some = waiting.filter((one) => !ids || ids.includes(one.id));
    waiting = waiting.filter((one) => !some.includes(one));
    const refused = take ? some.filter((one) => one.reference === null) : [];
    return {
      done: some.length - refused.length,
      refused: refused.map(({ pupil_id, known_as }) => ({
        pupil_id,
        known_as,
        why: 'This time in care would overlap the one from 1 June 2025. Change that one, or choose other days.',
      })),
    };
  },
};
