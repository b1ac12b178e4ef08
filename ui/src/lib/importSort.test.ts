import { describe, expect, it } from 'vitest';
import type { Import } from './bindings';
import { sortImports } from './importSort';

const one = (file_name: string, begun_at: string, created: number | null): Import =>
  ({
    file_name,
    begun_at,
    kind: 'users',
    role: 'la_user',
    begun_by: 'Ruth Alder',
    result: created === null ? null : { created, updated: 0, skipped: 0, refused: 0, invited: 0 },
  }) as Import;

const rows = [
  one('list 10.csv', '2026-11-01T10:00:00Z', 30),
  one('List 2.csv', '2026-11-03T10:00:00Z', null),
  one('list 2.csv', '2026-11-02T10:00:00Z', 5),
];
const names = (sorted: Import[]) => sorted.map((row) => `${row.file_name} ${row.begun_at.slice(8, 10)}`);

describe('past imports', () => {
  it('sort by name as people count, and of equals the newest comes first', () => {
    expect(names(sortImports(rows, 'file', false))).toEqual(['List 2.csv 03', 'list 2.csv 02', 'list 10.csv 01']);
    expect(names(sortImports(rows, 'by', true))).toEqual(['List 2.csv 03', 'list 2.csv 02', 'list 10.csv 01']);
  });

  it('sort by what they brought, those only checked last', () => {
    expect(names(sortImports(rows, 'result', true))).toEqual(['list 10.csv 01', 'list 2.csv 02', 'List 2.csv 03']);
  });

  it('do not change the list that was given', () => {
    sortImports(rows, 'when', false);
    expect(rows[0]?.file_name).toBe('list 10.csv');
  });
});
