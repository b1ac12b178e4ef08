import type { Repeat, UnsavedReminder } from './bindings';
import { REPEATS } from './bindings/words';
import { day, dayOf, time } from './dates';

/** A day that is often chosen, in words. */
export interface QuickDay {
  label: string;
  day: string;
}

function plus(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** The weekday of a day: 0 is Sunday. */
function weekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

/** The next day of a weekday after a day. */
function next(day: string, wanted: number): string {
  return plus(day, ((wanted - weekday(day) + 6) % 7) + 1);
}

/** The days that are offered: tomorrow, the next Friday, next Monday; each once, the first first. */
export function quickDays(today: string): QuickDay[] {
  const days = [
    { label: 'Tomorrow', day: plus(today, 1) },
    { label: 'Friday', day: next(today, 5) },
    { label: 'Next Monday', day: next(today, 1) },
  ];
  return days
    .filter((one, at) => days.findIndex((other) => other.day === one.day) === at)
    .sort((one, other) => one.day.localeCompare(other.day));
}

/** The times of day that are offered: every half hour of a working day, and the one that stands already. */
export function timesOfDay(now: string): (readonly [string, string])[] {
  const times: string[] = [];
  for (let minutes = 7 * 60; minutes <= 20 * 60; minutes += 30)
    times.push(`${String(Math.floor(minutes / 60)).padStart(2, '0')}:${minutes % 60 === 0 ? '00' : '30'}`);
  if (!times.includes(now)) times.push(now);
  return times.sort().map((one) => [one, one] as const);
}

/** How it may come again, in words. */
export const REPEAT_OPTIONS: readonly (readonly [Repeat | '', string])[] = [
  ['', 'Once'],
  ...(Object.entries(REPEATS) as [Repeat, string][]),
];

/** The day and the time of an instant in London. */
export function dayAndTime(instant: string): { on: string; time: string } {
  return { on: dayOf(instant), time: time(instant) };
}

/** Minutes after midnight as `18:00`. */
export function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** `18:00` as minutes after midnight; nothing for what is no time. */
export function minutesOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (!found) return null;
  const [hours, minutes] = [Number(found[1]), Number(found[2])];
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : null;
}

/** What a reminder that waits or was refused is called in the outbox. */
export function unsavedHeading(reminder: UnsavedReminder): string {
  const about = reminder.pupil_name === null ? '' : ` about ${reminder.pupil_name}`;
  return `Reminder${about} for ${day(dayOf(reminder.due_at))} at ${time(reminder.due_at)}`;
}
