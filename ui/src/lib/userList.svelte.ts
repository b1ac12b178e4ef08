import type { AccountId, Attention, Establishment, Role, User, UserCounts, UserFilter, UserStatus } from './bindings';
import type { AccountCall } from './backend';
import { PAGE_LIMIT, PagedList } from './paged.svelte';
import { Selection } from './selection.svelte';
import { session } from './session.svelte';
import { UserActing } from './userActing.svelte';

/** By what users are sorted. */
export type SortedBy = 'name' | 'role' | 'status' | 'last_signed_in';

/** The list of users as it was left: its filters, what is selected, how far it was scrolled, and what goes on. */
export class UserList {
  typed = $state('');
  search = $state('');
  role = $state<Role | ''>('');
  status = $state<UserStatus | ''>('');
  attention = $state<Attention | 'any' | ''>('');
  establishment = $state.raw<Establishment | null>(null);
  sorting = $state.raw<{ by: SortedBy; descending: boolean }>({ by: 'name', descending: false });
  counts = $state.raw<UserCounts | null>(null);
  selection = new Selection();
  scroll = $state(0);

  list: PagedList<User>;
  acting: UserActing;

  #call: AccountCall;
  #round = 0;

  constructor(call: AccountCall) {
    this.#call = call;
    this.list = new PagedList<User>((after) =>
      this.#call('list_users', {
        ...this.filter,
        sort: this.sorting.by,
        descending: this.sorting.descending,
        after,
        limit: PAGE_LIMIT,
      }),
    );
    this.acting = new UserActing(call, () => this.refresh());
  }

  /** What the list is filtered by. */
  get filter(): UserFilter {
    return {
      search: this.search || null,
      role: this.role || null,
      status: this.status || null,
      establishment_id: this.establishment?.id ?? null,
      needs_attention: this.attention === 'any',
      ...(this.attention && this.attention !== 'any' ? { attention: this.attention } : {}),
      after: null,
      limit: null,
    };
  }

  /** Whether any filter is set. */
  get filtered(): boolean {
    return !!(this.search || this.role || this.status || this.attention || this.establishment);
  }

  /** How many users the filter finds; as many as were fetched while that is not known. */
  get total(): number {
    return this.counts?.total ?? this.list.rows.length;
  }

  /** Shows what another filter or order finds, from its beginning. */
  async restart(): Promise<void> {
    this.selection.clear();
    this.scroll = 0;
    await Promise.all([this.list.restart(), this.#count()]);
  }

  /** Fetches again what is shown. */
  async refresh(): Promise<void> {
    await Promise.all([this.list.refresh(), this.#count()]);
  }

  /** Takes every filter away. */
  async clear(): Promise<void> {
    this.typed = this.search = this.role = this.status = this.attention = '';
    this.establishment = null;
    await this.restart();
  }

  async #count(): Promise<void> {
    const round = ++this.#round;
    try {
      const counts = await this.#call('count_users', this.filter);
      if (round === this.#round) this.counts = counts;
    } catch {
      // The list tells what is wrong; numbers that are not known are left out.
      if (round === this.#round) this.counts = null;
    }
  }
}

let kept: { account: AccountId | null; list: UserList } | null = null;

/** The list of users of the account that is shown, as it was left. */
export function userList(): UserList {
  if (kept?.account !== session.currentId) {
    kept?.list.acting.leave();
    kept = { account: session.currentId, list: new UserList(session.here()) };
  }
  return kept.list;
}
