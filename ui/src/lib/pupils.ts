import type { Enrolment, Pupil } from './bindings';

/** `Reception`, `Year 5`. */
export function yearGroup(year: number): string {
  if (year < 0) return 'Before Reception';
  if (year === 0) return 'Reception';
  return year > 13 ? 'After Year 13' : `Year ${year}`;
}

/** How an enrolment stands to a day. */
export function standing(enrolment: Enrolment, today: string): 'now' | 'later' | 'ended' {
  if (enrolment.start > today) return 'later';
  return enrolment.end !== null && enrolment.end < today ? 'ended' : 'now';
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
