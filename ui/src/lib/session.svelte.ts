import type {
  Account,
  AccountId,
  AppState,
  ImportKind,
  ImportProgress,
  Problem,
  Settings,
  SyncStatus,
  UiEvent,
} from './bindings';
import { flushAll } from './autosave.svelte';
import { app, forAccount, onEvent, type AccountCall } from './backend';
import { problemOf, Refused } from './problem';

type OpenFromNotification = (account: AccountId, conversation: string | null) => void;

/** How long several changes of held things are gathered before the screens fetch again, in milliseconds. */
const GATHER = 120;

/** The accounts on this device, the one that is shown, and how it stands with its store. */
class Session {
  state = $state.raw<AppState | null>(null);
  /** Why the state could not be had. */
  problem = $state.raw<Problem | null>(null);
  currentId = $state<AccountId | null>(null);
  /** One more whenever held things of the shown account changed. */
  held = $state(0);
  /** Whether files are dragged over the window. */
  fileHover = $state(false);

  /** The share of a file that has left for the store, 0 to 1, while one is sent. */
  upload = $state<number | null>(null);

  /** The share of attachments that has arrived, 0 to 1, while they are on their way to the store or from it. */
  transfers = $state<Record<string, number>>({});

  /** How far an import has come that is being committed. */
  importing = $state.raw<{ id: string; progress: ImportProgress } | null>(null);

  onFilesDropped: ((paths: string[]) => void) | null = null;
  onOpenConversation: OpenFromNotification | null = null;
  onOpenReminders: ((account: AccountId) => void) | null = null;
  onCompose: (() => void) | null = null;

  #gather: ReturnType<typeof setTimeout> | undefined;

  account: Account | null = $derived(this.state?.accounts.find((one) => one.id === this.currentId) ?? null);
  sync: SyncStatus | null = $derived(this.account?.sync ?? null);
  online = $derived(this.sync?.online ?? false);
  me = $derived(this.account?.me ?? null);
  isLa = $derived(this.me?.role === 'la_user' || this.me?.role === 'la_super_user');
  isSuper = $derived(this.me?.role === 'la_super_user');
  /** Whether this user may import a kind of thing. */
  mayImport = (kind: ImportKind): boolean => (kind === 'pupils' ? this.isLa : this.isSuper);

  /** Starts: listens to the shell, then asks for the state. */
  async start(): Promise<void> {
    try {
      await onEvent((event) => this.#hear(event));
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return;
    }
    await this.load();
  }

  /** Asks for the state again. */
  async load(): Promise<void> {
    try {
      const state = await app('app_state');
      this.state = state;
      this.problem = null;
      if (!state.accounts.some((account) => account.id === this.currentId)) {
        this.currentId = state.accounts[0]?.id ?? null;
      }
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Shows another account. */
  show(account: AccountId): void {
    this.currentId = account;
  }

  /** Calls a command of the account that is shown. */
  call: AccountCall = (name, ...request) => this.here()(name, ...request);

  /** The commands of the account that is shown now; they stay with it when another is shown. */
  here(): AccountCall {
    const id = this.currentId;
    if (id !== null) return forAccount(id);
    const problem: Problem = { code: 'account_unknown', message: 'Sign in first.', field: null, request_id: null };
    return () => Promise.reject(new Refused(problem));
  }

  /** Asks the store now for what is new. */
  async syncNow(): Promise<SyncStatus> {
    const status = await this.call('sync_now');
    if (this.currentId !== null) this.#stands(this.currentId, status);
    return status;
  }

  /** Whether the account that is shown is locked. */
  locked = $derived(this.account?.problem?.code === 'locked');

  /** Locks the application, once what is being written is saved. */
  async lock(): Promise<void> {
    await flushAll();
    await app('lock');
  }

  /** Changes settings of this device. */
  async save(settings: Settings): Promise<void> {
    await app('save_settings', settings);
    if (this.state) this.state = { ...this.state, settings };
  }

  #stands(account: AccountId, sync: SyncStatus): void {
    if (!this.state) return;
    const accounts = this.state.accounts.map((one) => (one.id === account ? { ...one, sync } : one));
    this.state = { ...this.state, accounts };
  }

  #hear(event: UiEvent): void {
    switch (event.kind) {
      case 'sync':
        this.#stands(event.account, event.status);
        break;
      case 'held':
        if (event.account !== this.currentId) break;
        if (this.#gather !== undefined) break;
        this.#gather = setTimeout(() => {
          this.#gather = undefined;
          this.held += 1;
        }, GATHER);
        break;
      case 'accounts':
        void this.load();
        break;
      case 'open_conversation':
        this.onOpenConversation?.(event.account, event.conversation_id);
        break;
      case 'open_reminders':
        this.onOpenReminders?.(event.account);
        break;
      case 'compose':
        this.onCompose?.();
        break;
      case 'lock_soon':
        void this.lock().catch(() => undefined);
        break;
      case 'upload':
        if (event.account === this.currentId) this.upload = event.share;
        break;
      case 'transfer':
        if (event.share < 1) this.transfers[event.attachment_id] = event.share;
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the ids of what is on its way
        else delete this.transfers[event.attachment_id];
        break;
      case 'import_progress':
        if (event.account === this.currentId) this.importing = { id: event.id, progress: event.progress };
        break;
      case 'file_hover':
        this.fileHover = event.over;
        break;
      case 'files_dropped':
        this.fileHover = false;
        this.onFilesDropped?.(event.paths);
        break;
    }
  }
}

/** The window's one session. */
export const session = new Session();
