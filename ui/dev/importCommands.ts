/** The commands of imports, as a store answers them. */
import type { ImportedOne, Staying } from '../src/lib/bindings';
import type { AccountCommands } from '../src/lib/bindings/commands';
import { cells, chosenWith, headings, recognisedWith, rule } from './chosenFile';
import { findings, found, imports, judged, left, mend, mended } from './judgedFile';
import { users } from './people';
import { id, problem } from './scene';

type Answers = { [K in keyof AccountCommands]: (request: AccountCommands[K][0]) => AccountCommands[K][1] };

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
      cells: (cells[row - 2] ?? []).slice(0, headings.length).map((value, at) => ({
        heading: headings[at]?.[0] ?? '',
        column: headings[at]?.[1] ?? null,
        value: headings[at]?.[1] === 'password' ? '' : value,
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
