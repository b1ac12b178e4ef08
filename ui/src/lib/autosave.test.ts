import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Autosave, flushAll, LONGEST, PAUSE } from './autosave.svelte';
import { Refused } from './problem';

const AT = '2026-03-04T10:42:00.000Z';

describe('a draft that saves itself', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('saves within two seconds of a pause, once, the newest', async () => {
    const save = vi.fn().mockResolvedValue(AT);
    const autosave = new Autosave<string>(save);
    for (const text of ['D', 'De', 'Dear']) {
      autosave.changed(text);
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000 - 200);
    expect(save.mock.calls).toEqual([['Dear']]);
    expect(autosave.savedAt).toBe(AT);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('saves now and then while someone types without a pause', async () => {
    const save = vi.fn().mockResolvedValue(AT);
    const autosave = new Autosave<number>(save);
    for (let typed = 0; typed * 100 < LONGEST * 2 + 500; typed += 1) {
      autosave.changed(typed);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(save.mock.calls.length).toBe(2);
  });

  it('never saves two at a time, and the newest last', async () => {
    const running: (() => void)[] = [];
    let most = 0;
    const saved: string[] = [];
    const autosave = new Autosave<string>(
      (text) =>
        new Promise((resolve) => {
          running.push(() => {
            saved.push(text);
            running.shift();
            resolve(AT);
          });
          most = Math.max(most, running.length);
        }),
    );
    autosave.changed('one');
    await vi.advanceTimersByTimeAsync(PAUSE);
    autosave.changed('two');
    await vi.advanceTimersByTimeAsync(PAUSE);
    const flushed = autosave.flush();
    expect(running.length).toBe(1);
    running[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    running[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(await flushed).toBe(true);
    expect(saved).toEqual(['one', 'two']);
    expect(most).toBe(1);
  });

  it('keeps what could not be saved, says why, and tries again', async () => {
    const problem = { code: 'disk_full' as const, message: 'The disk is full.', field: null, request_id: null };
    const save = vi.fn().mockRejectedValueOnce(new Refused(problem)).mockResolvedValue(AT);
    const autosave = new Autosave<string>(save);
    autosave.changed('Dear');
    expect(await autosave.flush()).toBe(false);
    expect(autosave.problem).toEqual(problem);
    expect(autosave.pending).toBe(true);
    await vi.advanceTimersByTimeAsync(LONGEST);
    expect(save.mock.calls).toEqual([['Dear'], ['Dear']]);
    expect(autosave.problem).toBeNull();
    expect(autosave.pending).toBe(false);
  });

  it('does not bring back a draft that was sent or deleted', async () => {
    const save = vi.fn().mockResolvedValue(AT);
    const autosave = new Autosave<string>(save);
    autosave.changed('Dear');
    autosave.close();
    autosave.changed('Dear all');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).not.toHaveBeenCalled();
  });

  it('waits for what is being saved before it forgets', async () => {
    let finish: (at: string) => void = () => undefined;
    const autosave = new Autosave<string>(() => new Promise((resolve) => (finish = resolve)));
    autosave.changed('Dear');
    await vi.advanceTimersByTimeAsync(PAUSE);
    let forgotten = false;
    const done = autosave.forget().then(() => (forgotten = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(forgotten).toBe(false);
    finish(AT);
    await done;
    expect(autosave.pending).toBe(false);
  });

  it('is saved with all others before the window locks', async () => {
    const saves = [vi.fn().mockResolvedValue(AT), vi.fn().mockResolvedValue(AT), vi.fn().mockResolvedValue(AT)];
    const [reply, draft, sent] = saves.map((save) => new Autosave<string>(save));
    reply?.changed('Yes');
    draft?.changed('Dear');
    sent?.changed('Gone');
    sent?.close();
    await flushAll();
    expect(saves.map((save) => save.mock.calls)).toEqual([[['Yes']], [['Dear']], []]);
    await flushAll();
    expect(saves[0]).toHaveBeenCalledTimes(1);
  });
});
