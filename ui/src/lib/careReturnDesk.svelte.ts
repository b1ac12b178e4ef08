import type {
  AccountId,
  CareProposal,
  CareRefusal,
  CareReturn,
  CareReturnFile,
  PastCareReturn,
  Problem,
} from './bindings';
import type { AccountCall } from './backend';
import { inPieces, lastReturnDay } from './careReturn';
import { fromFields, toFields } from './dates';
import { PagedList } from './paged.svelte';
import { invalid, problemOf } from './problem';
import { Selection } from './selection.svelte';
import { session } from './session.svelte';
import { today } from './today';

/** How many proposals are decided in one request: so many that the progress moves, and few enough to cancel. */
const PIECE = 100;

/** What came of a decision about several proposals. */
export interface Decided {
  take: boolean;
  total: number;
  done: number;
  refused: CareRefusal[];
  state: 'running' | 'over' | 'cancelled';
}

/** A return on its way: its files, what the store found in them, and the proposals that wait, as the screen was left. */
export class CareReturnDesk {
  header = $state.raw<CareReturnFile | null>(null);
  episodes = $state.raw<CareReturnFile | null>(null);
  asAt = $state(toFields(lastReturnDay(today())));
  problems = $state.raw<Problem[]>([]);
  /** Whether a file is looked at on this computer. */
  looking = $state(false);
  reading = $state(false);
  read = $state.raw<CareReturn | null>(null);
  /** For which day it was read. */
  readAsAt = $state('');

  proposals: PagedList<CareProposal>;
  past: PagedList<PastCareReturn>;
  selection = new Selection();
  decided = $state.raw<Decided | null>(null);
  decidingProblem = $state.raw<Problem | null>(null);

  #call: AccountCall;
  #stop = false;

  constructor(call: AccountCall) {
    this.#call = call;
    this.proposals = new PagedList<CareProposal>((after) => this.#call('list_care_proposals', { after }));
    this.past = new PagedList<PastCareReturn>((after) => this.#call('list_care_returns', { after }));
  }

  /** Fetches what waits and what was read before. All that waits is fetched: any of it may be ticked. */
  async fetch(): Promise<void> {
    await Promise.all([this.proposals.refresh(Number.MAX_SAFE_INTEGER), this.past.refresh()]);
    // What was decided elsewhere meanwhile is selected no longer.
    const there = this.proposals.rows.map((one) => one.id).filter((id) => this.selection.has(id));
    if (there.length < this.selection.ids.length) this.selection.only(there);
  }

  /** Takes a file that was chosen; which of the two it is was told by its headings. */
  take(file: CareReturnFile): void {
    if (file.part === 'header') this.header = file;
    else this.episodes = file;
  }

  /** Lets the person choose a file. */
  choose(): Promise<void> {
    return this.#look(async () => {
      const file = await this.#call('choose_care_return_file');
      return file ? [file] : [];
    });
  }

  /** Looks at files that were dropped on the window. */
  drop(paths: readonly string[]): Promise<void> {
    return this.#look(async () => {
      if (paths.length > 2) throw invalid('file', 'Drop the two files of the return, and no others.');
      const files: CareReturnFile[] = [];
      for (const path of paths) files.push(await this.#call('look_at_care_return_file', { path }));
      if (files[0] && files[0].part === files[1]?.part) {
        const which = files[0].part === 'header' ? 'header.csv' : 'episodes.csv';
        throw invalid('file', `Both files are ${which} by their headings. Drop header.csv and episodes.csv.`);
      }
      return files;
    });
  }

  async #look(ask: () => Promise<CareReturnFile[]>): Promise<void> {
    if (this.looking || this.reading) return;
    this.looking = true;
    this.problems = [];
    try {
      for (const file of await ask()) this.take(file);
    } catch (thrown) {
      this.problems = [{ ...problemOf(thrown), field: 'file' }];
    } finally {
      this.looking = false;
    }
  }

  /** Has the store read the return; answers whether it did. */
  async readIt(): Promise<boolean> {
    if (this.reading) return false;
    const day = fromFields(this.asAt);
    this.problems = [
      ...(this.header ? [] : [invalid('file', 'Choose header.csv: it says who the children are.')]),
      ...(this.episodes ? [] : [invalid('file', 'Choose episodes.csv: it says when each child was in care.')]),
      ...(day ? [] : [invalid('as_at', 'Enter the day as a real date, such as 31 3 2026.')]),
    ];
    if (!this.header || !this.episodes || !day) return false;
    this.reading = true;
    try {
      const asked = { header: this.header.path, episodes: this.episodes.path, as_at: day };
      this.read = await this.#call('read_care_return', asked);
      this.readAsAt = day;
      this.decided = null;
      this.selection.clear();
      await this.fetch();
      return true;
    } catch (thrown) {
      const problem = problemOf(thrown);
      this.problems = [
        problem.field === 'header' || problem.field === 'episodes' ? { ...problem, field: 'file' } : problem,
      ];
      return false;
    } finally {
      this.reading = false;
    }
  }

  /** Confirms proposals, or lets them go, piece by piece. */
  async decide(ids: readonly string[], take: boolean): Promise<void> {
    if (this.decided?.state === 'running') return;
    this.#stop = false;
    this.decidingProblem = null;
    let now: Decided = { take, total: ids.length, done: 0, refused: [], state: 'running' };
    this.decided = now;
    try {
      for (const piece of inPieces(ids, PIECE)) {
        if (this.#stop) break;
        const came = await this.#call('decide_care_proposals', { ids: piece, take });
        now = { ...now, done: now.done + came.done, refused: [...now.refused, ...came.refused] };
        this.decided = now;
      }
    } catch (thrown) {
      this.decidingProblem = problemOf(thrown);
    }
    const through = now.done + now.refused.length;
    this.decided = { ...now, state: through < now.total ? 'cancelled' : 'over' };
    this.selection.clear();
    await this.fetch();
  }

  /** Stops after the piece that is on its way; what was done stays. */
  cancel(): void {
    this.#stop = true;
  }
}

let kept: { account: AccountId | null; desk: CareReturnDesk } | null = null;

/** The return of the account that is shown, as its screen was left. */
export function careReturnDesk(): CareReturnDesk {
  if (kept?.account !== session.currentId)
    kept = { account: session.currentId, desk: new CareReturnDesk(session.here()) };
  return kept.desk;
}
