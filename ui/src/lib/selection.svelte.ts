import { SvelteSet } from 'svelte/reactivity';

/**
 * Which rows of a long list are selected: some of those that were fetched, or all that the list's filter matches,
 * fetched or not, but for some that were taken out again.
 */
export class Selection {
  /** The rows selected one by one; where everything is selected, those taken out. */
  #ids = new SvelteSet<string>();
  /** Whether all that match are selected, not only those that were fetched. */
  everything = $state(false);
  /** Where the last row was selected, so that Shift reaches from there. */
  #anchor: string | null = null;

  /** The ids selected one by one, in no order. */
  get ids(): string[] {
    return this.everything ? [] : [...this.#ids];
  }

  /** The ids that were taken out of everything, in no order. */
  get except(): string[] {
    return this.everything ? [...this.#ids] : [];
  }

  /** Whether nothing is selected. */
  get none(): boolean {
    return !this.everything && this.#ids.size === 0;
  }

  /** Whether a row is selected. */
  has(id: string): boolean {
    return this.#ids.has(id) !== this.everything;
  }

  /** How many are selected of a list that has so many. */
  count(total: number): number {
    return this.everything ? Math.max(0, total - this.#ids.size) : this.#ids.size;
  }

  /** Selects a row or lets it go; with `reach`, all rows between it and the one before as well. */
  toggle(rows: readonly string[], id: string, reach = false): void {
    const on = !this.has(id);
    const [from, to] = [this.#anchor === null ? -1 : rows.indexOf(this.#anchor), rows.indexOf(id)];
    for (const one of reach && from >= 0 && to >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [id]) {
      if (on !== this.everything) this.#ids.add(one);
      else this.#ids.delete(one);
    }
    this.#anchor = id;
  }

  /** Selects these rows and no others. */
  only(rows: readonly string[]): void {
    this.clear();
    for (const one of rows) this.#ids.add(one);
  }

  /** Selects all that match, also those that were not fetched. */
  selectEverything(): void {
    this.clear();
    this.everything = true;
  }

  /** Lets all go. */
  clear(): void {
    this.#ids.clear();
    this.everything = false;
    this.#anchor = null;
  }
}
