import type { AccountId } from './bindings';
import { forAccount, onPasswordNeeded } from './backend';

/** Asks for the password when the store wants it again; several commands that want it at once share one question. */
class PasswordGate {
  account = $state<AccountId | null>(null);
  #answers: ((given: boolean) => void)[] = [];

  constructor() {
    onPasswordNeeded((account) => this.#ask(account));
  }

  #ask(account: AccountId): Promise<boolean> {
    if (this.account !== null && this.account !== account) return Promise.resolve(false);
    this.account = account;
    return new Promise((resolve) => this.#answers.push(resolve));
  }

  /** Gives the password; throws when it is not right. */
  async give(password: string): Promise<void> {
    if (this.account === null) return;
    await forAccount(this.account)('confirm_password', { password });
    this.#close(true);
  }

  cancel(): void {
    this.#close(false);
  }

  #close(given: boolean): void {
    const answers = this.#answers;
    this.#answers = [];
    this.account = null;
    for (const answer of answers) answer(given);
  }
}

/** The window's one gate. */
export const passwordGate = new PasswordGate();
