import { onMount } from 'svelte';
import type { Problem, SavedFile } from '$lib/bindings';
import { announcer } from '$lib/announcer.svelte';
import { problemOf } from '$lib/problem';

/** A report that the store works out, and that can be kept as a file. Made while a component is made. */
export class Reporting<T> {
  report = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);

  #ask: () => Promise<T>;
  #keep: () => Promise<SavedFile | null>;

  constructor(ask: () => Promise<T>, keep: () => Promise<SavedFile | null>) {
    this.#ask = ask;
    this.#keep = keep;
    onMount(() => void this.load());
  }

  async load(): Promise<void> {
    this.problem = null;
    try {
      this.report = await this.#ask();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async save(): Promise<void> {
    this.busy = true;
    try {
      const saved = await this.#keep();
      if (saved) announcer.say(`The report was saved as ${saved.path}.`);
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.busy = false;
    }
  }
}
