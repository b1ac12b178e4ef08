import { invoke } from '@tauri-apps/api/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { app, forAccount, onPasswordNeeded } from './backend';
import { Refused } from './problem';

vi.mock('@tauri-apps/api/core', () => ({ invoke: vi.fn() }));
vi.mock('@tauri-apps/api/event', () => ({ listen: vi.fn() }));

// What crosses the door, and what the door does by itself; who answers behind it is no part of this.
const invoked = vi.mocked(invoke);
const confirmFirst = { code: 'session.confirm_password', message: 'Give it again.', field: null, request_id: null };

describe('the door to the shell', () => {
  beforeEach(() => {
    invoked.mockReset();
    onPasswordNeeded(null);
  });

  it('hands over the account and the request by name, and an empty request as null', async () => {
    invoked.mockResolvedValue(null);
    await app('app_state');
    await forAccount('a1')('get_user', { id: 'u1' });
    await forAccount('a1')('sync_now');
    expect(invoked.mock.calls).toEqual([
      ['app_state', { request: null }],
      ['get_user', { account: 'a1', request: { id: 'u1' } }],
      ['sync_now', { account: 'a1', request: null }],
    ]);
  });

  it('throws problems as they are, and tells anything else in plain words', async () => {
    const problem = { code: 'offline', message: 'You are offline.', field: null, request_id: null };
    invoked.mockRejectedValueOnce(problem);
    await expect(app('app_state')).rejects.toMatchObject({ problem });
    invoked.mockRejectedValueOnce('invalid args `request` for command `app_state`');
    const thrown: unknown = await app('app_state').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Refused);
    expect((thrown as Refused).problem.code).toBe('internal');
    expect((thrown as Refused).message).not.toContain('args');
  });

  it('asks for the password when the store wants it, and then goes on', async () => {
    const ask = vi.fn().mockResolvedValue(true);
    onPasswordNeeded(ask);
    invoked.mockRejectedValueOnce(confirmFirst).mockResolvedValueOnce({ id: 'u1' });
    await expect(forAccount('a1')('invite_user', { id: 'u1' })).resolves.toEqual({ id: 'u1' });
    expect(ask.mock.calls).toEqual([['a1']]);
    expect(invoked.mock.calls.map(([name]) => name)).toEqual(['invite_user', 'invite_user']);
  });

  it('does nothing more when the password is not given', async () => {
    onPasswordNeeded(() => Promise.resolve(false));
    invoked.mockRejectedValue(confirmFirst);
    await expect(forAccount('a1')('invite_user', { id: 'u1' })).rejects.toMatchObject({ problem: confirmFirst });
    expect(invoked).toHaveBeenCalledTimes(1);
  });

  it('does not ask for the password to confirm the password', async () => {
    const ask = vi.fn().mockResolvedValue(true);
    onPasswordNeeded(ask);
    invoked.mockRejectedValue(confirmFirst);
    await expect(forAccount('a1')('confirm_password', { password: 'x' })).rejects.toBeInstanceOf(Refused);
    expect(ask).not.toHaveBeenCalled();
  });
});
