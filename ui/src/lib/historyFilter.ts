/** The filter over what was written about a pupil, as the search for messages takes it. */

/** What is entered. */
export interface HistoryFilter {
  words: string;
  from: string;
  /** The first and the last day, as people write them. */
  since: string;
  until: string;
}

/** A filter with nothing in it. */
export const NO_FILTER: HistoryFilter = { words: '', from: '', since: '', until: '' };

/** The search that finds what the filter leaves; empty for everything. */
export function searchOf(filter: HistoryFilter): string {
  // A quotation mark would end the name or the day.
  const condition = (key: string, value: string) => {
    const clean = value.replace(/["“”„]/g, ' ').trim();
    return clean ? `${key}:"${clean}"` : '';
  };
  const parts = [
    filter.words.trim(),
    condition('from', filter.from),
    condition('after', filter.since),
    condition('until', filter.until),
  ];
  return parts.filter(Boolean).join(' ');
}
