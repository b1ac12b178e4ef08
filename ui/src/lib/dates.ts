/** Every date and time of the window: times in Europe/London, dates as 4 March 2026. */

const ZONE = 'Europe/London';
const LOCALE = 'en-GB';

const clock = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const date = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, day: 'numeric', month: 'long', year: 'numeric' });
const dateOfYear = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, day: 'numeric', month: 'long' });
const shortDate = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, day: 'numeric', month: 'short' });
const shortDateYear = new Intl.DateTimeFormat(LOCALE, {
  timeZone: ZONE,
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const weekday = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, weekday: 'long' });
const parts = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });
// A day has no time zone: it is written from its own numbers.
const plainDay = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });

/** The day of an instant in Europe/London, as `2026-03-04`. */
export function dayOf(instant: string | Date): string {
  const named: Record<string, string> = {};
  for (const part of parts.formatToParts(new Date(instant))) named[part.type] = part.value;
  return `${named.year ?? ''}-${named.month ?? ''}-${named.day ?? ''}`;
}

function daysBetween(earlier: string, later: string): number {
  return Math.round((Date.parse(later) - Date.parse(earlier)) / 86_400_000);
}

/** `10:42` */
export function time(instant: string): string {
  return clock.format(new Date(instant));
}

/** A day such as `2026-03-04`, as `4 March 2026`. */
export function day(value: string): string {
  return plainDay.format(new Date(`${value}T00:00:00Z`));
}

/** `4 March 2026 at 10:42`; today's and yesterday's by that name. */
export function moment(instant: string, now: Date): string {
  const ago = daysBetween(dayOf(instant), dayOf(now));
  if (ago === 0) return `today at ${time(instant)}`;
  if (ago === 1) return `yesterday at ${time(instant)}`;
  return `${date.format(new Date(instant))} at ${time(instant)}`;
}

/** As short as a list needs: `10:42`, `Yesterday`, `Monday`, `4 Mar`, `4 Mar 2025`. */
export function shortMoment(instant: string, now: Date): string {
  const [then, today] = [dayOf(instant), dayOf(now)];
  const ago = daysBetween(then, today);
  if (ago === 0) return time(instant);
  if (ago === 1) return 'Yesterday';
  if (ago > 1 && ago < 7) return weekday.format(new Date(instant));
  return (then.slice(0, 4) === today.slice(0, 4) ? shortDate : shortDateYear).format(new Date(instant));
}

/** Over a day's messages: `Today`, `Yesterday`, `Monday 2 March`, `2 March 2025`. */
export function dayHeading(instant: string, now: Date): string {
  const [then, today] = [dayOf(instant), dayOf(now)];
  const ago = daysBetween(then, today);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  if (then.slice(0, 4) !== today.slice(0, 4)) return date.format(new Date(instant));
  return `${weekday.format(new Date(instant))} ${dateOfYear.format(new Date(instant))}`;
}

/** How an account's last contact is told: `Up to date 10:42`, with the day when it was not today. */
export function upToDate(instant: string, now: Date): string {
  const [then, today] = [dayOf(instant), dayOf(now)];
  if (then === today) return `Up to date ${time(instant)}`;
  const [year, short] = [then.slice(0, 4) === today.slice(0, 4), new Date(instant)];
  return `Up to date ${(year ? shortDate : shortDateYear).format(short)}, ${time(instant)}`;
}

/** What is entered in the three fields of a date. */
export interface DayFields {
  day: string;
  month: string;
  year: string;
}

/** The three fields of a day. */
export function toFields(value: string | null): DayFields {
  if (!value) return { day: '', month: '', year: '' };
  const [year = '', month = '', dayOfMonth = ''] = value.split('-');
  return { day: String(Number(dayOfMonth)), month: String(Number(month)), year };
}

/** The day in three fields: a day, nothing when all are empty, or `undefined` when it is no real date. */
export function fromFields(fields: DayFields): string | null | undefined {
  const [d, m, y] = [fields.day.trim(), fields.month.trim(), fields.year.trim()];
  if (!d && !m && !y) return null;
  if (!/^\d{1,2}$/.test(d) || !/^\d{1,2}$/.test(m) || !/^\d{4}$/.test(y)) return undefined;
  const value = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  const real = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(real.getTime()) && real.toISOString().startsWith(value) ? value : undefined;
}
