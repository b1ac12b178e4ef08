import { describe, expect, it, vi } from 'vitest';
import type { Page } from './bindings';
import { Pager } from './pager.svelte';
import { PagedList } from './paged.svelte';
import { Refused } from './problem';

/** Rows 0 to 119, in pages of 50, whose keys say nothing of their place. */
function fetchPage(after: string | null): Promise<Page<number>> {
  const from = after === null ? 0 : Number(after.slice(4));
  const rows = Array.from({ length: Math.min(50, 120 - from) }, (_, at) => from + at);
  return Promise.resolve({ rows, after: from + 50 < 120 ? `key-${from + 50}` : null });
}

const failure = new Refused({ code: 'offline', message: 'You are offline.', field: null, request_id: null });

describe('findings, page by page', () => {
  it('go forwards to the end and back again', async () => {
    const pager = new Pager<number>(fetchPage);
    await pager.first();
    expect([pager.number, pager.rows[0], pager.rows.length, pager.hasNext]).toEqual([1, 0, 50, true]);
    await pager.next();
    await pager.next();
    expect([pager.number, pager.rows[0], pager.rows.length, pager.hasNext]).toEqual([3, 100, 20, false]);
    await pager.next();
    expect(pager.number).toBe(3);
    await pager.previous();
    expect([pager.number, pager.rows[0], pager.hasNext]).toEqual([2, 50, true]);
    await pager.previous();
    await pager.previous();
    expect([pager.number, pager.rows[0]]).toEqual([1, 0]);
  });

  it('begin again when the filter changed', async () => {
    const pager = new Pager<number>(fetchPage);
    await pager.first();
    await pager.next();
    await pager.first();
    expect([pager.number, pager.rows[0]]).toEqual([1, 0]);
  });

  it('stay where they are when a page cannot be had', async () => {
    const fetch = vi.fn(fetchPage);
    const pager = new Pager<number>(fetch);
    await pager.first();
    fetch.mockRejectedValueOnce(failure);
    await pager.next();
    expect([pager.number, pager.rows[0], pager.problem?.code]).toEqual([1, 0, 'offline']);
    await pager.next();
    expect([pager.number, pager.problem]).toEqual([2, null]);
  });
});

describe('a list that is fetched as it is scrolled', () => {
  it('grows by a page at a time until the end', async () => {
    const list = new PagedList<number>(fetchPage);
    await list.restart();
    await list.next();
    expect([list.rows.length, list.more]).toEqual([100, true]);
    await list.next();
    await list.next();
    expect([list.rows.length, list.more]).toEqual([120, false]);
    expect(new Set(list.rows).size).toBe(120);
  });

  it('is refreshed as far as it was scrolled', async () => {
    const list = new PagedList<number>(fetchPage);
    await list.restart();
    await list.next();
    await list.refresh();
    expect(list.rows).toEqual(Array.from({ length: 100 }, (_, at) => at));
    await list.next();
    expect(list.rows.length).toBe(120);
  });

  it('never shows the answer to an older question', async () => {
    let late: (page: Page<string>) => void = () => undefined;
    const answers = [
      new Promise<Page<string>>((resolve) => (late = resolve)),
      Promise.resolve({ rows: ['new'], after: null }),
    ];
    const list = new PagedList<string>(() => answers.shift() ?? Promise.reject(failure));
    const first = list.restart();
    await list.restart();
    late({ rows: ['old'], after: null });
    await first;
    expect(list.rows).toEqual(['new']);
    expect(list.busy).toBe(false);
  });

  it('says why it has nothing, and does not ask on and on', async () => {
    const fetch = vi.fn().mockRejectedValue(failure);
    const list = new PagedList<number>(fetch);
    await list.restart();
    await list.next();
    expect(list.problem?.code).toBe('offline');
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});
