import type { Page } from '../src/lib/bindings';

/** What the address asks to be shown. */
export const query = new URLSearchParams(window.location.search);

export const scene = query.get('scene') ?? 'full';
const ROLES: Record<string, string> = { dt: 'designated_teacher', la: 'la_user' };
export const role = ROLES[query.get('as') ?? ''] ?? 'la_super_user';
export const theme = query.get('theme') === 'dark' ? 'dark' : 'light';
export const long = scene === 'long';
export const empty = scene === 'empty';
/** As many users as the largest authority has. */
export const huge = scene === 'huge';

/** An id that is the same each time. */
export function id(kind: number, number: number): string {
  return `0195f3a0-${kind.toString(16).padStart(4, '0')}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** A moment so many minutes ago. */
export function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

/** What a command throws. */
export function problem(code: string, message: string, field: string | null = null) {
  return { code, message, field, request_id: code.startsWith('store') ? '7f3c-19aa' : null };
}

/** A page of rows, where a page's key is where it begins. */
export function page<T>(rows: readonly T[], after: string | null, limit: number | null): Page<T> {
  const from = Number(after ?? 0);
  const to = from + (limit ?? 50);
  return { rows: rows.slice(from, to), after: to < rows.length ? String(to) : null };
}

/** Whether a text stands in any of these. */
export function has(search: string | null, ...texts: (string | null)[]): boolean {
  return !search || texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()));
}

/** What must be there. */
export function found<T>(one: T | null | undefined): T {
  if (one === null || one === undefined) throw problem('not_found', 'It is no longer there, or you may not see it.');
  return one;
}
