import type { Import } from './bindings';

/** By what the list of past imports is sorted. */
export type ImportSort = 'file' | 'what' | 'result' | 'by' | 'when';

const NAMES = new Intl.Collator('en-GB', { sensitivity: 'base', numeric: true });

/** How many entries an import brought: those added and updated; those only checked come before all others. */
function brought(one: Import): number {
  return one.result ? one.result.created + one.result.updated : -1;
}

const ORDERS: Record<ImportSort, (a: Import, b: Import) => number> = {
  file: (a, b) => NAMES.compare(a.file_name, b.file_name),
  what: (a, b) => NAMES.compare(`${a.kind} ${a.role ?? ''}`, `${b.kind} ${b.role ?? ''}`),
  result: (a, b) => brought(a) - brought(b),
  by: (a, b) => NAMES.compare(a.begun_by, b.begun_by),
  when: (a, b) => Date.parse(a.begun_at) - Date.parse(b.begun_at),
};

/** The imports in another order; of equals the newest first. */
export function sortImports(rows: readonly Import[], by: ImportSort, descending: boolean): Import[] {
  const order = ORDERS[by];
  return [...rows].sort((a, b) => (descending ? order(b, a) : order(a, b)) || ORDERS.when(b, a));
}
