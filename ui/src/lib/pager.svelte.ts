import type { Page, Problem } from './bindings';
import type { FetchPage } from './paged.svelte';
import { problemOf } from './problem';

/** A list shown one page at a time, forwards and back, where a page is known only by the key before it. */
export class Pager<T> {
  rows = $state.raw<readonly T[]>([]);
  /** Which page is shown, from 1. */
  number = $state(1);
  hasNext = $state(false);
  loaded = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  #fetch: FetchPage<T>;
  /** The key before each page that was reached so far, and that before the next. */
  #keys: (string | null)[] = [null];
  #round = 0;

  constructor(fetch: FetchPage<T>) {
    this.#fetch = fetch;
  }

  /** Shows the first page: at the beginning, and whenever the filter changed. */
  first(): Promise<void> {
    this.#keys = [null];
    return this.#show(1);
  }

  next(): Promise<void> {
    return this.hasNext && !this.busy ? this.#show(this.number + 1) : Promise.resolve();
  }

  previous(): Promise<void> {
    return this.number > 1 && !this.busy ? this.#show(this.number - 1) : Promise.resolve();
  }

  async #show(number: number): Promise<void> {
    const round = ++this.#round;
    this.busy = true;
    try {
      const page: Page<T> = await this.#fetch(this.#keys[number - 1] ?? null);
      if (round !== this.#round) return;
      this.#keys[number] = page.after;
      this.rows = page.rows;
      this.number = number;
      this.hasNext = page.after !== null;
      this.loaded = true;
      this.problem = null;
    } catch (thrown) {
      if (round === this.#round) this.problem = problemOf(thrown);
    } finally {
      if (round === this.#round) this.busy = false;
    }
  }
}
