import { describe, expect, it } from 'vitest';
import type { AccountCall } from './backend';
import type { Finding, Import, ImportRow, MendImport, Page } from './bindings';
import { ImportDesk } from './importDesk.svelte';

const finding = (row: number): Finding => ({
  row,
  column: 'Email',
  column_index: 3,
  field: 'email',
  value: 'x',
  severity: 'error',
  code: 'bad_email',
  message: 'This is not an e-mail address.',
});

/** A store that knows of one import: each cell that is mended takes its finding away. */
function store(rows: number[]) {
  const wrong = new Set(rows);
  const seen: MendImport[] = [];
  const one = { id: 'a', revision: 1 } as Import;
  const answers = {
    mend_import: ({ mend }: { mend: MendImport }) => {
      seen.push(mend);
      if (mend.revision !== one.revision) throw new Error('revised');
      one.revision += 1;
      for (const cell of mend.cells) if (cell.value !== 'bad') wrong.delete(cell.row);
      for (const row of mend.leave_out) wrong.delete(row);
      return { ...one };
    },
    get_import: () => ({ ...one }),
    get_import_row: ({ row }: { row: number }): ImportRow => ({
      row,
      cells: [],
      left_out: false,
      findings: wrong.has(row) ? [finding(row)] : [],
    }),
    list_findings: (): Page<Finding> => ({ rows: [...wrong].map(finding), after: null }),
  };
  const call = ((name: keyof typeof answers, request: never) =>
    Promise.resolve().then(() => (answers[name] as (request: never) => unknown)(request))) as AccountCall;
  return { call, seen, one };
}

describe('the desk of an import', () => {
  it('answers with the row as it is judged now, and fetches the findings anew', async () => {
    const { call, one } = store([2, 5]);
    const desk = new ImportDesk({ ...one }, call);
    await desk.show({ severity: null, code: null });
    expect(desk.findings.rows).toHaveLength(2);
    const row = await desk.mend(2, 3, 'a@example.org', 0);
    expect(row?.findings).toEqual([]);
    expect(desk.findings.rows.map((found) => found.row)).toEqual([5]);
    expect(desk.one.revision).toBe(2);
  });

  it('sends changes one after another, each with the revision that the one before made', async () => {
    const { call, one, seen } = store([2, 5, 9]);
    const desk = new ImportDesk({ ...one }, call);
    await Promise.all([
      desk.mend(2, 3, 'a@example.org', 0),
      desk.mend(5, 3, 'b@example.org', 0),
      desk.take(9, true, 0),
    ]);
    expect(seen.map((mend) => mend.revision)).toEqual([1, 2, 3]);
    expect(desk.one.revision).toBe(4);
    expect(desk.working).toBe(0);
    expect(desk.findings.rows).toEqual([]);
  });

  it('goes on after a change that was refused', async () => {
    const { call, one } = store([2]);
    const desk = new ImportDesk({ ...one }, call);
    one.revision = 7;
    await expect(desk.mend(2, 3, 'a@example.org', 0)).rejects.toThrow('revised');
    await desk.reload();
    expect(await desk.mend(2, 3, 'a@example.org', 0)).toMatchObject({ findings: [] });
    expect(desk.one.revision).toBe(8);
  });
});
