import type { Page, Problem } from './bindings';
import { problemOf } from './problem';

/** The most rows that a page may have. */
export const PAGE_LIMIT = 200;
/** Beyond so many rows a refresh keeps the first ones and fetches the others when they are scrolled to. */
const REFRESH_LIMIT = 2_000;

/** Fetches the page that begins after a key. */
export type FetchPage<T> = (after: string | null) => Promise<Page<T>>;

/**
 * A list that is fetched page by page as it is scrolled. A newer request makes what an older one still
 * brings void, so that a slow answer never overwrites a later one.
 */
export class PagedList<T> {
  rows = $state.raw<T[]>([]);
  /** Whether anything was fetched yet for what is asked now. */
  loaded = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** Whether there are more pages. */
  more = $state(false);

  #fetch: FetchPage<T>;
  #after: string | null = null;
  #round = 0;

  constructor(fetch: FetchPage<T>) {
    this.#fetch = fetch;
  }

  /** Starts anew: another folder, another search. What is shown stays until the answer comes, unless cleared. */
  async restart(clear = false): Promise<void> {
    if (clear) {
      this.rows = [];
      this.loaded = false;
    }
    await this.#load(1);
  }

  /** Fetches again what is shown, because something changed: so many rows at least, those that someone looks at. */
  async refresh(atLeast = 0): Promise<void> {
    await this.#load(Math.max(atLeast, Math.min(this.rows.length, REFRESH_LIMIT)));
  }

  async #load(atLeast: number): Promise<void> {
    const round = ++this.#round;
    this.busy = true;
    try {
      let rows: T[] = [];
      let after: string | null = null;
      do {
        const page: Page<T> = await this.#fetch(after);
        if (round !== this.#round) return;
        rows = rows.concat(page.rows);
        after = page.after;
      } while (after !== null && rows.length < atLeast);
      this.rows = rows;
      this.#after = after;
      this.more = after !== null;
      this.problem = null;
      this.loaded = true;
    } catch (thrown) {
      if (round === this.#round) this.problem = problemOf(thrown);
    } finally {
      if (round === this.#round) this.busy = false;
    }
  }

  /** Fetches the next page, if there is one and none is on its way. */
  async next(): Promise<void> {
    if (this.busy || this.#after === null || this.problem) return;
    const round = this.#round;
    this.busy = true;
    try {
      const page = await this.#fetch(this.#after);
      if (round !== this.#round) return;
      this.rows = this.rows.concat(page.rows);
      this.#after = page.after;
      this.more = page.after !== null;
    } catch (thrown) {
      if (round === this.#round) this.problem = problemOf(thrown);
    } finally {
      if (round === this.#round) this.busy = false;
    }
  }
}
