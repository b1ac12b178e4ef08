import type { AccountId } from './bindings';

/** Recovery codes that were just made: shown once, over whatever the window shows, until they are kept somewhere. */
class Fresh {
  shown = $state.raw<{ account: AccountId; codes: readonly string[] } | null>(null);

  show(account: AccountId, codes: readonly string[]): void {
    this.shown = { account, codes };
  }

  done(): void {
    this.shown = null;
  }
}

/** The window's one place for them. */
export const freshCodes = new Fresh();
