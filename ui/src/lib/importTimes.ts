import { dayOf, time } from './dates';

/** `8:05`, `08.05` or `0805` as `08:05`; nothing when it is no time of day. */
export function timeOfDay(text: string): string | null {
  const found = /^\s*(\d{1,2})\s*[:.]?\s*(\d{2})\s*$/.exec(text);
  const [hours, minutes] = [Number(found?.[1] ?? NaN), Number(found?.[2] ?? NaN)];
  if (!(hours < 24 && minutes < 60)) return null;
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}

/**
 * The instant of a day and a time of day in Europe/London, as an ISO text; of two the earlier, and nothing where the
 * clocks jump over it.
 */
export function londonInstant(day: string, timeOf: string): string | null {
  const asUtc = Date.parse(`${day}T${timeOf}:00Z`);
  if (Number.isNaN(asUtc)) return null;
  for (const hoursAhead of [1, 0]) {
    const instant = new Date(asUtc - hoursAhead * 3_600_000).toISOString();
    if (dayOf(instant) === day && time(instant) === timeOf) return instant;
  }
  return null;
}
