/** Answers about establishments. */
import type {
  Establishment,
  EstablishmentFilter,
  EstablishmentImport,
  EstablishmentPage,
  HistoryEntry,
  InUse,
  Movable,
  Page,
  Succession,
} from '../src/lib/bindings';
import type { AccountCommands } from '../src/lib/bindings/commands';
import { establishments, pupils, users } from './people';
import { ago, empty, id, problem, role } from './scene';

type Asked =
  | 'list_establishments'
  | 'get_establishment'
  | 'establishment_choices'
  | 'add_establishment'
  | 'edit_establishment'
  | 'join_establishment'
  | 'establishment_history'
  | 'list_successions'
  | 'list_movable'
  | 'move_establishment'
  | 'leave_succession'
  | 'choose_establishment_file'
  | 'judge_establishment_file'
  | 'commit_establishment_file'
  | 'list_establishment_files';

type Answers = { [K in Asked]: (request: AccountCommands[K][0]) => AccountCommands[K][1] };

function page<T>(rows: readonly T[], after: string | null, limit: number | null): Page<T> {
  const from = Number(after ?? 0);
  const to = from + (limit ?? 50);
  return { rows: rows.slice(from, to), after: to < rows.length ? String(to) : null };
}

function linked(which: string) {
  return users.flatMap((user) =>
    user.links
      .filter((link) => link.establishment_id === which)
      .map((link) => ({
        link_id: link.id,
        user_id: user.id,
        name: `${user.first_name} ${user.last_name}`,
        role: user.role,
        status: user.status,
        capacity: link.capacity,
        start: link.start,
        end: link.end,
      })),
  );
}

const pupilsAt = (which: string) =>
  pupils.filter((pupil) => pupil.looked_after && pupil.enrolments.some((one) => one.establishment_id === which)).length;

function hereOf(one: Establishment): InUse {
  const [linkedUsers, here] = [linked(one.id).length, pupilsAt(one.id)];
  return {
    users: linkedUsers,
    pupils: here,
    closed_in_use: one.status === 'closed' && linkedUsers + here > 0,
    nobody_to_read: here > 0 && linkedUsers === 0,
  };
}

function find(which: string): Establishment {
  const found = establishments.find((one) => one.id === which);
  if (!found) throw problem('not_found', 'It is no longer there, or you may not see it.');
  return found;
}

const end = (at: number) => {
  const one = establishments[at];
  return { urn: one?.urn ?? '100000', id: one?.id ?? null, name: one?.name ?? '', closed_on: one?.closed_on ?? null };
};

let successions: Succession[] = empty
  ? []
  : [
      {
        from: { ...end(7), name: 'Northfield School', closed_on: '2026-08-31' },
        to: { ...end(8), name: 'Northfield Academy' },
        kind: 'became',
        on: '2026-09-01',
        users: 2,
        pupils: 3,
        decision: null,
        decided_at: null,
      },
      {
        from: end(48),
        to: end(9),
        kind: 'merged',
        on: null,
        users: 1,
        pupils: 4,
        decision: null,
        decided_at: null,
      },
    ];

const HISTORY: HistoryEntry[] = [
  ['Ruth Alder', 'Amir Birch was linked as Designated Teacher from 1 September 2025.'],
  [null, 'Updated from the DfE’s file: name, status. It is now open, but proposed to close.'],
  ['Ruth Alder', 'Users and enrolments came from Northfield School on 1 September 2026.'],
].map(([by, what], at) => ({ number: 100 - at, at: ago(at * 3_000 + 12), by: by ?? null, what: what ?? '' }));

const judged: EstablishmentImport = {
  id: id(12, 1),
  kind: 'establishments',
  file_name: 'edubasealldata20261120.csv',
  begun_by: 'Ruth Alder',
  begun_at: ago(2),
  committed_at: null,
  found: {
    rows: 51_908,
    refused: 2,
    left_out: 0,
    missing: 3,
    counts: { created: 412, updated: 1_204, unchanged: 50_290, closed: 61 },
    closing_in_use: 2,
    closing_names: ['Hilltop Academy', 'Kingsmere Primary School'],
    errors: 2,
    warnings: 1,
    findings: [
      ['error', 114, 'URN', '“12” is not a URN. A URN is five to seven digits, such as 100000.'],
      ['error', 2_210, 'EstablishmentName', 'This establishment has no name, so it is not taken.'],
      ['warning', 31, 'CloseDate', 'This is not a date of the form dd-mm-yyyy. It is left out.'],
    ].map(([severity, row, column, message]) => ({
      row: row as number,
      column: column as string,
      column_index: null,
      field: null,
      value: '',
      severity: severity as 'error' | 'warning',
      code: 'bad_urn' as const,
      message: message as string,
    })),
  },
  result: null,
};

const committed: EstablishmentImport = { ...judged, committed_at: ago(0), result: judged.found.counts };

function narrowed(filter: EstablishmentFilter): Establishment[] {
  const text = filter.search?.toLowerCase() ?? '';
  const all = role === 'designated_teacher' ? establishments.slice(0, 2) : establishments;
  return all.filter((one) => {
    const here = hereOf(one);
    return (
      [one.name, one.urn, one.postcode].some((part) => part?.toLowerCase().includes(text)) &&
      (filter.closed || filter.only_closed || one.status !== 'closed') &&
      (!filter.only_closed || one.status === 'closed') &&
      (!filter.in_use || here.users + here.pupils > 0) &&
      (!filter.attention || here.closed_in_use || here.nobody_to_read) &&
      (!filter.by_hand || one.urn === null) &&
      (!filter.phase || one.phase === filter.phase)
    );
  });
}

function pageOf(which: string): EstablishmentPage {
  const establishment = find(which);
  const here = hereOf(establishment);
  return {
    establishment,
    linked_users: linked(which),
    pupils: here.pupils,
    warnings: [
      ...(here.closed_in_use
        ? [
            `This establishment closed on 31 August 2025: ${here.users} users still linked, ${here.pupils} looked-after pupils still on roll.`,
          ]
        : []),
      ...(here.nobody_to_read
        ? ['A looked-after pupil is on roll here, and nobody is linked who could read a message about them.']
        : []),
    ],
    successions: successions.filter((one) => one.from.id === which || one.to.id === which),
    as_held: false,
  };
}

export const aboutEstablishments: Answers = {
  list_establishments: (filter) => {
    const rows = narrowed(filter).map((one) => (role === 'designated_teacher' ? one : { ...one, here: hereOf(one) }));
    return page(rows, filter.after, filter.limit);
  },
  get_establishment: ({ id: which }) => pageOf(which),
  establishment_choices: () => ({ phases: ['Nursery', 'Primary', 'Secondary'], la_names: ['Barsetshire', 'Camden'] }),
  add_establishment: ({ entry, although_similar }) => {
    if (entry.name.startsWith('Acorn') && !although_similar)
      throw problem(
        'establishment.similar',
        'There is an establishment called Acorn Nursery (Barchester) already. Use that one, or say that this is another of the same name.',
        'name',
      );
    return find(id(1, 5));
  },
  edit_establishment: ({ id: which }) => find(which),
  join_establishment: () => find(id(1, 6)),
  establishment_history: ({ filter }) => page(HISTORY, filter.after, filter.limit),
  list_successions: ({ after, limit }) => page(successions, after, limit),
  list_movable: (): Movable => ({
    links: [
      { id: id(3, 900), user_id: id(2, 4), name: 'Dilys Elm', capacity: 'designated_teacher', start: '2024-09-01' },
    ],
    enrolments: pupils.slice(0, 4).map((pupil, at) => ({
      id: id(5, 9_000 + at),
      pupil_id: pupil.id,
      known_as: pupil.known_as,
      kind: 'main',
      start: '2024-09-02',
    })),
  }),
  move_establishment: ({ id: which }) => {
    successions = successions.filter((one) => one.from.id !== which);
    return { users: 2, pupils: 3 };
  },
  leave_succession: ({ from }) => {
    successions = successions.filter((one) => one.from.urn !== from);
  },
  choose_establishment_file: () => ({
    path: '/home/me/edubasealldata20261120.csv',
    name: 'edubasealldata20261120.csv',
    bytes: 64_800_000,
  }),
  judge_establishment_file: () => judged,
  commit_establishment_file: () => committed,
  list_establishment_files: ({ after }) =>
    page(empty ? [] : [{ ...committed, begun_at: ago(60 * 24 * 40) }], after, 50),
};
