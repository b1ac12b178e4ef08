/** What has just happened, in a sentence: shown for a while, and read out to those who listen. */
export interface Announcement {
  id: number;
  text: string;
  tone: 'done' | 'problem';
}

/** How long an announcement is shown, in milliseconds. */
const SHOWN = 6_000;

class Announcer {
  shown = $state.raw<Announcement | null>(null);
  #next = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says what has just happened. */
  say(text: string, tone: Announcement['tone'] = 'done'): void {
    this.shown = { id: this.#next++, text, tone };
    clearTimeout(this.#timer);
    // A problem stays until it is closed or followed by something else.
    if (tone === 'done') this.#timer = setTimeout(() => this.close(), SHOWN);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.shown = null;
  }
}

/** The window's one announcer. */
export const announcer = new Announcer();
