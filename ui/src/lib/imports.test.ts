import { describe, expect, it } from 'vitest';
import type { Counts } from './bindings';
import { rowsInWords, wasDone, willDo } from './imports';

const NONE: Counts = {
  rows_read: 0,
  rows_accepted: 0,
  rows_refused: 0,
  rows_skipped: 0,
  rows_skipped_existing: 0,
  rows_skipped_not_staff: 0,
  rows_skipped_not_active: 0,
  rows_skipped_example: 0,
  rows_left_out: 0,
  to_create: 0,
  to_update: 0,
  to_skip: 0,
  not_linked_yet: 0,
  errors: 0,
  warnings: 0,
};

describe('what an import would do', () => {
  it('is said in one line', () => {
    expect(willDo({ ...NONE, to_create: 30 })).toBe('30 users will be added');
    expect(willDo({ ...NONE, to_create: 1, to_update: 2 })).toBe('1 user will be added and 2 users will be updated');
    expect(willDo({ ...NONE, to_create: 12_000 })).toBe('12,000 users will be added');
    expect(willDo(NONE)).toBe('No user will be added');
  });

  it('explains when there are more rows than users', () => {
    expect(rowsInWords({ ...NONE, rows_accepted: 2, to_create: 1 })).toEqual([
      '2 rows make 1 user: some have several establishments.',
    ]);
    expect(rowsInWords({ ...NONE, rows_accepted: 30, to_create: 30 })).toEqual([]);
  });

  it('says what holds an invitation', () => {
    expect(rowsInWords({ ...NONE, not_linked_yet: 1 })[0]).toContain('the invitation is held');
    expect(rowsInWords({ ...NONE, not_linked_yet: 2 })[0]).toContain('their invitations are held');
  });
});

describe('what an import did', () => {
  it('is said in one line', () => {
    const result = { created: 0, updated: 0, skipped: 0, refused: 0, invited: 0 };
    expect(wasDone({ ...result, created: 30, refused: 7 })).toBe('30 users were added');
    expect(wasDone({ ...result, created: 1, updated: 1 })).toBe('1 user was added and 1 user was updated');
    expect(wasDone(result)).toBe('No user was added');
  });
});
