/** What time it is, for what the screen says of other times; it moves on every half minute. */
class Clock {
  now = $state.raw(new Date());

  constructor() {
    setInterval(() => {
      this.now = new Date();
    }, 30_000);
  }
}

/** The window's one clock. */
export const clock = new Clock();
