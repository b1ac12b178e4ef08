import type { ActionFailure, ActOnUsersRequest, Problem, UserAction } from './bindings';
import type { AccountCall } from './backend';
import { PagedList } from './paged.svelte';
import { problemOf } from './problem';

/** How long to wait between two looks at how far it is, in milliseconds. */
const LOOK = 500;
/** The same after the store could not be reached. */
const LOOK_AGAIN = 4_000;

/** Something that is done to many users at once: begun here, done by the store, watched until it is over. */
export class UserActing {
  action = $state.raw<UserAction | null>(null);
  /** Why it could not be begun, or not be watched just now. */
  problem = $state.raw<Problem | null>(null);
  beginning = $state(false);
  cancelling = $state(false);
  /** Those with whom it could not be done, and why. */
  failures: PagedList<ActionFailure>;

  #call: AccountCall;
  #over: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #left = false;

  /** `over` is called when an action has ended. */
  constructor(call: AccountCall, over: () => Promise<void>) {
    this.#call = call;
    this.#over = over;
    this.failures = new PagedList<ActionFailure>((after) =>
      this.#call('list_action_failures', { id: this.action?.id ?? '', page: { after, limit: 100 } }),
    );
  }

  /** Whether an action goes on. */
  get running(): boolean {
    return this.beginning || this.action?.state === 'running';
  }

  /** Begins an action; answers whether the store took it. */
  async begin(what: ActOnUsersRequest): Promise<boolean> {
    if (this.running) return false;
    this.beginning = true;
    this.problem = null;
    try {
      const action = await this.#call('act_on_users', what);
      this.failures.rows = [];
      await this.#took(action);
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.beginning = false;
    }
  }

  /** Stops it where it is; what was done stays. */
  async cancel(): Promise<void> {
    if (!this.action || this.cancelling) return;
    this.cancelling = true;
    try {
      await this.#took(await this.#call('cancel_user_action', { id: this.action.id }));
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.cancelling = false;
    }
  }

  /** Shows its result no longer. */
  close(): void {
    if (this.running) return;
    this.action = null;
    this.problem = null;
  }

  /** Watches no longer; the store goes on. */
  leave(): void {
    this.#left = true;
    clearTimeout(this.#timer);
  }

  async #took(action: UserAction): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#left) return;
    this.action = action;
    this.problem = null;
    if (action.state === 'running') {
      this.#timer = setTimeout(() => void this.#look(), LOOK);
      return;
    }
    if (action.failed > 0) await this.failures.restart();
    await this.#over();
  }

  async #look(): Promise<void> {
    const id = this.action?.id;
    if (id === undefined) return;
    try {
      await this.#took(await this.#call('get_user_action', { id }));
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.#timer = setTimeout(() => void this.#look(), LOOK_AGAIN);
    }
  }
}
