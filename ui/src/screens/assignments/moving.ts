import type { Page } from '$lib/bindings';

const order = new Intl.Collator('en-GB');

/** In order of name. */
export function byName<T>(rows: readonly T[], nameOf: (row: T) => string): T[] {
  return [...rows].sort((a, b) => order.compare(nameOf(a), nameOf(b)));
}

/** Every row of a list, page after page. */
export async function allOf<T>(page: (after: string | null) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let after: string | null = null;
  do {
    const next: Page<T> = await page(after);
    rows.push(...next.rows);
    after = next.after;
  } while (after !== null);
  return rows;
}
