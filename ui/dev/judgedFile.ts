/** Imports and what a store says of them: the chosen file is judged anew with each cell that is mended. */
import type { Counts, Finding, FindingCode, FindingKind, Import, ImportResult, MendImport } from '../src/lib/bindings';
import { cells, chosenWith, ofPupils, recognisedWith, ROWS, rule } from './chosenFile';
import { MISSING } from './pupilFile';
import { ago, empty, id, problem } from './scene';

/** The rows that are left out. */
export const left = new Set<number>();
/** The cells that were mended, each as its row and column. */
export const mended = new Set<string>();

/** What was found when the file was judged last, errors first. */
export let findings: Finding[] = [];

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

/** The import of the chosen file. */
export const judged: Import = {
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

/** All imports, the newest first. */
export const imports: Import[] = empty
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

/** The import with an id. */
export function found(which: string): Import {
  const one = imports.find((other) => other.id === which);
  if (!one) throw problem('not_found', 'It is no longer there, or you may not see it.');
  return one;
}

/** Changes an import, and has its file judged again. */
export function mend(one: Import, change: MendImport): Import {
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
