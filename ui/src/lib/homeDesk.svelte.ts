import type { Home, Problem, StoreHome } from './bindings';
import { problemOf } from './problem';
import { session } from './session.svelte';
import { userList } from './userList.svelte';
import { router } from './router.svelte';

/** What needs the user today: from this device at once, and from the store as soon as it answers. */
export class HomeDesk {
  held = $state.raw<Home | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What only the store knows; nothing while it was not asked or did not answer. */
  store = $state.raw<StoreHome | null>(null);
  /** How many users need attention. */
  users = $state(0);
  /** How many requests for colleagues wait. */
  requests = $state(0);

  /** Whether nothing at all needs the user. */
  get nothing(): boolean {
    const held = this.held;
    if (!held) return false;
    const here =
      held.unread + held.notices + held.due + held.not_sent + held.new_pupils.length === 0 &&
      !held.no_social_worker &&
      !held.no_school;
    const there =
      this.users + this.requests === 0 &&
      (this.store === null || (this.store.nobody_to_read === 0 && this.store.refused_imports.length === 0));
    return here && there;
  }

  /** Asks both again. */
  async load(): Promise<void> {
    const store = this.#askStore();
    try {
      this.held = await session.call('home');
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
    await store;
  }

  async #askStore(): Promise<void> {
    if (!session.isLa || !session.online) return;
    const call = session.here();
    const everyone = {
      search: null,
      role: null,
      status: null,
      establishment_id: null,
      needs_attention: true,
      after: null,
      limit: null,
    };
    // Each is shown when it comes; what does not come is left out, and the bar above says whether the store answers.
    await Promise.all([
      call('store_home').then(
        (told) => (this.store = told),
        () => undefined,
      ),
      session.isSuper &&
        call('count_users', everyone).then(
          (counts) => (this.users = counts.total),
          () => undefined,
        ),
      session.isSuper &&
        call('count_colleague_requests').then(
          (counts) => (this.requests = counts.waiting),
          () => undefined,
        ),
    ]);
  }
}

/** Shows the users who need attention. */
export function showUsersInNeed(): void {
  const users = userList();
  users.typed = users.search = users.role = users.status = '';
  users.establishment = null;
  users.attention = 'any';
  void users.restart();
  router.go({ screen: 'users' });
}
