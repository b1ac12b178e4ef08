/** A question that must be answered before something is done. */
export interface Question {
  title: string;
  text: string;
  /** The words of the button that goes ahead. */
  action: string;
  /** The words of the button that does not. */
  keep: string;
  /** Whether something is lost by going ahead. */
  warning: boolean;
}

class Confirm {
  question = $state.raw<Question | null>(null);
  #answer: ((yes: boolean) => void) | null = null;

  /** Asks; answers whether to go ahead. */
  ask(question: Question): Promise<boolean> {
    this.#answer?.(false);
    this.question = question;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  answer(yes: boolean): void {
    this.question = null;
    this.#answer?.(yes);
    this.#answer = null;
  }
}

/** The window's one place to ask. */
export const confirm = new Confirm();
