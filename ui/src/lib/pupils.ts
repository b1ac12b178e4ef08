import type { CarePeriod, Enrolment, EstablishmentId, Pupil } from './bindings';
import { day } from './dates';

/** `Reception`, `Year 5`. */
export function yearGroup(year: number): string {
  if (year < 0) return 'Before Reception';
  if (year === 0) return 'Reception';
  return year > 13 ? 'After Year 13' : `Year ${year}`;
}

/** The year groups that a pupil may be in: number and words. */
export const YEAR_GROUPS: readonly (readonly [string, string])[] = Array.from(
  { length: 14 },
  (_, year) => [String(year), yearGroup(year)] as const,
);

/** How an enrolment stands to a day. */
export function standing(enrolment: Pick<Enrolment, 'start' | 'end'>, today: string): 'now' | 'later' | 'ended' {
  if (enrolment.start > today) return 'later';
  return enrolment.end !== null && enrolment.end < today ? 'ended' : 'now';
}

/** How a care period stands to a day: its end is the first day no longer in care. */
export function careStanding(care: Pick<CarePeriod, 'start' | 'end'>, today: string): 'now' | 'later' | 'ended' {
  if (care.start > today) return 'later';
  return care.end !== null && care.end <= today ? 'ended' : 'now';
}

/** Names of the establishments where a pupil is today; those to come where there is none. */
export function whereNow(pupil: Pupil, today: string): string[] {
  const named = (wanted: string) => [
    ...new Set(pupil.enrolments.filter((one) => standing(one, today) === wanted).map((one) => one.establishment_name)),
  ];
  const now = named('now');
  return now.length > 0 ? now : named('later').map((name) => `${name} (to come)`);
}

/** Year group and place, in short. */
export function inShort(pupil: Pupil, today: string): string {
  return [yearGroup(pupil.year_group), ...whereNow(pupil, today)].join(', ');
}

/** `from 2 September 2024`, `from 2 September 2024 to 18 December 2026`. */
export function fromTo(start: string, end: string | null): string {
  return `from ${day(start)}${end ? ` to ${day(end)}` : ''}`;
}

const ORDER = { now: 0, later: 1, ended: 2 };

/** Enrolments with how they stand: today's first, then those to come, then what ended, the newest first. */
export function inOrder(enrolments: readonly Enrolment[], today: string) {
  return enrolments
    .map((one) => ({ ...one, standing: standing(one, today) }))
    .sort((a, b) => ORDER[a.standing] - ORDER[b.standing] || b.start.localeCompare(a.start));
}

/** The enrolments at other establishments that a time would overlap. */
export function overlapping(
  enrolments: readonly Enrolment[],
  entry: { id: string | null; establishment_id: EstablishmentId | null; start: string; end: string | null },
): Enrolment[] {
  return enrolments.filter(
    (one) =>
      one.id !== entry.id &&
      one.establishment_id !== entry.establishment_id &&
      (one.end === null || entry.start <= one.end) &&
      (entry.end === null || one.start <= entry.end),
  );
}

/** Whether an enrolment to come is a move: another one of the same kind ends the day before, or earlier, for it. */
export function isMove(enrolments: readonly Enrolment[], coming: Enrolment, today: string): boolean {
  return (
    coming.kind === 'main' &&
    coming.start > today &&
    enrolments.some((one) => one.kind === 'main' && one.id !== coming.id && one.end !== null && one.end < coming.start)
  );
}

/** The first name in a name that schools see. */
export function firstName(knownAs: string): string {
  return knownAs.split(' ')[0] ?? knownAs;
}
