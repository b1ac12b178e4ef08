/** Which rows of a long list are drawn. */
export interface Window {
  /** The first row drawn. */
  start: number;
  /** One past the last row drawn. */
  end: number;
  /** Height above the first row drawn, in pixels. */
  above: number;
  /** Height below the last row drawn, in pixels. */
  below: number;
}

/** The rows to draw of `count` rows, all `rowHeight` high, with `spare` more on either side. */
export function windowOf(count: number, rowHeight: number, scrollTop: number, viewport: number, spare = 8): Window {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight) - spare;
  const last = Math.ceil((Math.max(0, scrollTop) + viewport) / rowHeight) + spare;
  const end = Math.min(count, Math.max(0, last));
  const start = Math.min(Math.max(0, first), end);
  return { start, end, above: start * rowHeight, below: (count - end) * rowHeight };
}

/** Whether the list's end is near enough that the next page should be fetched. */
export function nearEnd(count: number, window: Window, ahead = 40): boolean {
  return window.end + ahead >= count;
}

/** Where to scroll so that a row is wholly seen: the same place when it is already. */
export function scrollToShow(row: number, rowHeight: number, scrollTop: number, viewport: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewport) return top + rowHeight - viewport;
  return scrollTop;
}
