/** What the address asks to be shown. */
const query = new URLSearchParams(window.location.search);

export const scene = query.get('scene') ?? 'full';
export const role = query.get('as') === 'dt' ? 'designated_teacher' : 'la_super_user';
export const theme = query.get('theme') === 'dark' ? 'dark' : 'light';
export const long = scene === 'long';
export const empty = scene === 'empty';

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
