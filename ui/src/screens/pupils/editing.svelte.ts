import { tick } from 'svelte';
import type { Problem } from '$lib/bindings';

/** What is open of a part of a pupil's record: a row, one more, or something else by a word of its own. */
export class Editing {
  /** A row's id, `new`, or a word before a row's id, as in `end-` and the id. */
  open = $state<string | null>(null);
  /** Why the last change was refused. */
  refused = $state.raw<Problem | null>(null);

  #part: string;

  constructor(part: string) {
    this.#part = part;
  }

  /** The row that is open. */
  get row(): string | null {
    return this.open?.replace(/^end-/, '') ?? null;
  }

  /** The id of a row's button, which takes the focus back. */
  idOf(row: string): string {
    return `${this.#part}-${row}`;
  }

  show(what: string): void {
    this.refused = null;
    this.open = what;
  }

  close(): void {
    const from = this.row;
    this.open = null;
    void tick().then(() => document.getElementById(this.idOf(from ?? ''))?.focus());
  }
}
