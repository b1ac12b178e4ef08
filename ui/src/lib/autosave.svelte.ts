import type { Problem } from './bindings';
import { problemOf } from './problem';

/** How long typing must pause before what was written is saved, in milliseconds. */
export const PAUSE = 1_000;
/** However steadily someone types, it is saved this often, in milliseconds. */
export const LONGEST = 5_000;

/** Saves a draft and tells when it was saved. */
export type Save<T> = (value: T) => Promise<string>;

/** What is being written anywhere in the window. */
let writing: readonly { flush: () => Promise<boolean> }[] = [];

/** Saves now whatever is not saved yet, anywhere in the window. */
export async function flushAll(): Promise<void> {
  await Promise.allSettled(writing.map((one) => one.flush()));
}

/** Saves what is being written after a pause, never two at a time, and always the newest last. */
export class Autosave<T> {
  savedAt = $state<string | null>(null);
  saving = $state(false);
  problem = $state.raw<Problem | null>(null);

  #save: Save<T>;
  #latest: T | null = null;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(save: Save<T>, savedAt: string | null = null) {
    this.#save = save;
    this.savedAt = savedAt;
  }

  /** Whether something was written that is not saved yet. */
  get pending(): boolean {
    return this.#latest !== null || this.#running !== null;
  }

  /** Something was written. */
  changed(value: T): void {
    if (this.#closed) return;
    this.#latest = value;
    if (!writing.includes(this)) writing = [...writing, this];
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.flush(), PAUSE);
    this.#deadline ??= setTimeout(() => void this.flush(), LONGEST);
  }

  /** Saves now whatever is not saved yet; answers whether everything is saved. */
  async flush(): Promise<boolean> {
    this.#disarm();
    while (this.#running) await this.#running;
    if (this.#latest === null) return this.problem === null;
    this.#running = this.#saveLatest(this.#latest);
    try {
      await this.#running;
    } finally {
      this.#running = null;
    }
    return this.problem === null;
  }

  async #saveLatest(value: T): Promise<void> {
    this.#latest = null;
    this.saving = true;
    try {
      this.savedAt = await this.#save(value);
      this.problem = null;
      if (this.#latest === null) this.#leave();
    } catch (thrown) {
      this.problem = problemOf(thrown);
      // It is kept, and tried again.
      if (!this.#closed) {
        this.#latest ??= value;
        this.#deadline ??= setTimeout(() => void this.flush(), LONGEST);
      }
    } finally {
      this.saving = false;
    }
  }

  /** Forgets what is not saved, and waits for what is being saved; goes on with what is written next. */
  async forget(): Promise<void> {
    this.#latest = null;
    this.#leave();
    this.#disarm();
    while (this.#running) await this.#running;
    this.problem = null;
  }

  /** Forgets what is not saved for good, because the draft was sent or deleted. */
  close(): void {
    this.#closed = true;
    this.#latest = null;
    this.#leave();
    this.#disarm();
  }

  #leave(): void {
    writing = writing.filter((one) => one !== this);
  }

  #disarm(): void {
    clearTimeout(this.#pause);
    clearTimeout(this.#deadline);
    this.#pause = undefined;
    this.#deadline = undefined;
  }
}
