import { describe, expect, it } from 'vitest';
import type { UserAct, UserAction } from '$lib/bindings';
import { outcome } from './acts';

const ended = (act: UserAct, part: Partial<UserAction>): UserAction => ({
  id: 'a1',
  act,
  state: 'done',
  total: 3,
  done: 3,
  failed: 0,
  begun_by: 'Ruth Alder',
  begun_at: '2026-11-27T21:00:00Z',
  ended_at: '2026-11-27T21:00:09Z',
  ...part,
});

describe('what became of something done to many users', () => {
  it('is told in a sentence', () => {
    expect(outcome(ended({ kind: 'invite' }, {}))).toBe('Invitations were sent to 3 users.');
    expect(outcome(ended({ kind: 'make_active' }, { done: 1, failed: 2 }))).toBe('1 user was made active.');
    expect(outcome(ended({ kind: 'make_inactive', pupils: null }, { done: 2, failed: 1 }))).toBe(
      '2 users were made inactive.',
    );
    expect(outcome(ended({ kind: 'invite' }, { done: 0, failed: 3 }))).toBe('No invitation was sent.');
    expect(outcome(ended({ kind: 'make_active' }, { done: 0, failed: 3 }))).toBe('No user was changed.');
  });

  it('counts those who were left when it was cancelled', () => {
    const cancelled = ended({ kind: 'make_active' }, { state: 'cancelled', total: 1_240, done: 200, failed: 1 });
    expect(outcome(cancelled)).toBe('Cancelled. 200 users were made active. 1,039 users are left as they were.');
  });
});
