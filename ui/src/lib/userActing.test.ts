import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccountCall } from './backend';
import type { ActionState, UserAction } from './bindings';
import { Refused } from './problem';
import { UserActing } from './userActing.svelte';

const action = (state: ActionState, done: number, failed = 0): UserAction => ({
  id: 'a1',
  act: { kind: 'make_active' },
  state,
  total: 10,
  done,
  failed,
  begun_by: 'Ruth Alder',
  begun_at: '2026-11-27T21:00:00Z',
  ended_at: null,
});

/** A store that gives these answers, one after the other, and notes what it was asked. */
function store(answers: (UserAction | Error | { rows: unknown[]; after: null })[]) {
  const asked: string[] = [];
  const call = ((name: string) => {
    asked.push(name);
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }) as unknown as AccountCall;
  return { asked, call };
}

const WHAT = { which: { kind: 'these' as const, ids: ['u1'] }, act: { kind: 'make_active' as const } };
const offline = new Refused({
  code: 'offline',
  message: 'The store cannot be reached.',
  field: null,
  request_id: null,
});

describe('something done to many users', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is watched until it is over, and then names those it could not be done with', async () => {
    const failed = { rows: [{ user_id: 'u2', name: 'Amir Birch', why: 'Not inactive.' }], after: null };
    const { asked, call } = store([action('running', 0), action('running', 4), action('done', 9, 1), failed]);
    const over = vi.fn(() => Promise.resolve());
    const acting = new UserActing(call, over);
    expect(await acting.begin(WHAT)).toBe(true);
    expect(acting.running).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect([acting.action?.done, over.mock.calls.length]).toEqual([4, 0]);
    await vi.advanceTimersByTimeAsync(500);
    expect(acting.running).toBe(false);
    expect(acting.failures.rows.map((row) => row.name)).toEqual(['Amir Birch']);
    expect(over).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(['act_on_users', 'get_user_action', 'get_user_action', 'list_action_failures']);
  });

  it('tells why it was not begun, and may be begun again', async () => {
    const { call } = store([offline, action('done', 10)]);
    const acting = new UserActing(call, () => Promise.resolve());
    expect(await acting.begin(WHAT)).toBe(false);
    expect([acting.problem?.code, acting.running]).toEqual(['offline', false]);
    expect(await acting.begin(WHAT)).toBe(true);
    expect(acting.problem).toBeNull();
  });

  it('goes on watching after the store could not be reached', async () => {
    const { call } = store([action('running', 1), offline, action('done', 10)]);
    const acting = new UserActing(call, () => Promise.resolve());
    await acting.begin(WHAT);
    await vi.advanceTimersByTimeAsync(500);
    expect([acting.problem?.code, acting.running]).toEqual(['offline', true]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect([acting.problem, acting.running]).toEqual([null, false]);
  });

  it('is cancelled by the store, and shows no longer once it is closed', async () => {
    const { asked, call } = store([action('running', 1), action('cancelled', 3)]);
    const acting = new UserActing(call, () => Promise.resolve());
    await acting.begin(WHAT);
    acting.close();
    expect(acting.action).not.toBeNull();
    await acting.cancel();
    expect(acting.action?.state).toBe('cancelled');
    acting.close();
    expect([acting.action, asked]).toEqual([null, ['act_on_users', 'cancel_user_action']]);
  });
});
