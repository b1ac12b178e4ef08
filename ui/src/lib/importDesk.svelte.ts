import type { ColumnChoice, ExistingUsers, Finding, Import, ImportRow, MendImport } from './bindings';
import type { AccountCall } from './backend';
import type { FindingsShown } from './importFindings';
import { PAGE_LIMIT, PagedList } from './paged.svelte';

/** What may be changed of an import before it is committed. */
export type Change = Partial<Omit<MendImport, 'revision'>>;

/** How many findings beyond the one that is looked at are fetched again after a change. */
const AHEAD = 60;

/** An import on the desk: its findings, the row that is looked at, and changes that have it judged again. */
export class ImportDesk {
  one: Import;
  shown = $state.raw<FindingsShown>({ severity: null, code: null });
  /** How many changes are on their way. */
  working = $state(0);
  row = $state.raw<ImportRow | null>(null);
  readonly findings: PagedList<Finding>;

  #call: AccountCall;
  #queue: Promise<unknown> = Promise.resolve();
  #asked = 0;

  constructor(one: Import, call: AccountCall) {
    this.one = $state.raw(one);
    this.#call = call;
    this.findings = new PagedList<Finding>((after) =>
      call('list_findings', { id: this.one.id, filter: { ...this.shown, row: null, after, limit: PAGE_LIMIT } }),
    );
  }

  /** Shows other findings. */
  async show(shown: FindingsShown): Promise<void> {
    this.shown = shown;
    await this.findings.restart();
  }

  /** Fetches the import again, because somebody else changed it. */
  async reload(): Promise<void> {
    this.one = await this.#call('get_import', { id: this.one.id });
    await Promise.all([this.findings.refresh(), this.row && this.look(this.row.row)]);
  }

  /** Fetches a row with its cells and findings; a later request makes an earlier answer void. */
  async look(row: number): Promise<ImportRow | null> {
    const asked = ++this.#asked;
    const found = await this.#call('get_import_row', { id: this.one.id, row });
    if (asked === this.#asked) this.row = found;
    return found;
  }

  /** Closes the row that is looked at. */
  close(): void {
    this.#asked += 1;
    this.row = null;
  }

  /** Changes a cell, and answers with its row as it is judged now. `near` is the finding that is looked at. */
  async mend(row: number, column: number, value: string, near: number): Promise<ImportRow | null> {
    await this.change({ cells: [{ row, column, value }] });
    return this.#again(row, near);
  }

  /** Leaves a row out, or takes it back. */
  async take(row: number, out: boolean, near: number): Promise<ImportRow | null> {
    await this.change(out ? { leave_out: [row] } : { take_back: [row] });
    return this.#again(row, near);
  }

  /** Says what is done with those who exist. */
  existing(existing: ExistingUsers): Promise<Import> {
    return this.change({ existing });
  }

  /** Says what the columns are. */
  mapping(mapping: ColumnChoice[]): Promise<Import> {
    return this.change({ mapping });
  }

  /** Has a change judged. One after another: each names the revision that the one before made. */
  change(what: Change): Promise<Import> {
    this.working += 1;
    const mine = this.#queue.then(() => this.#send(what)).finally(() => (this.working -= 1));
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  async #send(what: Change): Promise<Import> {
    const nothing: Omit<MendImport, 'revision'> = {
      cells: [],
      leave_out: [],
      take_back: [],
      existing: null,
      mapping: null,
    };
    const mend: MendImport = { ...nothing, ...what, revision: this.one.revision };
    this.one = await this.#call('mend_import', { id: this.one.id, mend });
    return this.one;
  }

  /** Fetches what a change may have altered: findings of other rows too, down to where somebody is looking. */
  async #again(row: number, near: number): Promise<ImportRow | null> {
    const looked = this.row?.row;
    const [now] = await Promise.all([
      looked === row || looked === undefined ? this.look(row) : this.#call('get_import_row', { id: this.one.id, row }),
      looked !== undefined && looked !== row ? this.look(looked) : null,
      this.findings.refresh(near + AHEAD),
    ]);
    return now;
  }
}
