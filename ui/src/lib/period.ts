import type { Problem } from './bindings';
import { fromFields, type DayFields } from './dates';
import { invalid } from './problem';

/** A first and a last day, both perhaps open. */
export interface Period {
  start: string | null;
  end: string | null;
}

/** What stands in the way of a first and a last day, and the days when nothing does. */
export function judgePeriod(
  start: DayFields,
  end: DayFields,
  startNeeded = false,
): { problems: Problem[]; period: Period } {
  const [first, last] = [fromFields(start), fromFields(end)];
  const problems = [
    ...(first === undefined || (startNeeded && first === null)
      ? [invalid('start', 'Enter the first day as a real date, such as 27 3 2026.')]
      : []),
    ...(last === undefined ? [invalid('end', 'Enter the last day as a real date, or leave it empty.')] : []),
    ...(first && last && last < first ? [invalid('end', 'The last day cannot be before the first day.')] : []),
  ];
  return { problems, period: { start: first ?? null, end: last ?? null } };
}
