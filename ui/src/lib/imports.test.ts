import { describe, expect, it } from 'vitest';
import type { Counts, UndoLook } from './bindings';
import {
  columnChoices,
  existingChoices,
  pageOf,
  rowsInWords,
  summary,
  wasDone,
  wasUndone,
  willDo,
  wouldUndo,
} from './imports';

const NONE: Counts = {
  rows_read: 0,
  rows_accepted: 0,
  rows_refused: 0,
  rows_skipped: 0,
  rows_skipped_existing: 0,
  rows_skipped_not_staff: 0,
  rows_skipped_not_active: 0,
  rows_left_out: 0,
  rows_skipped_example: 0,
  to_create: 0,
  to_update: 0,
  to_skip: 0,
  not_linked_yet: 0,
  ends_care: 0,
  looked_after: 0,
  missing: 0,
  errors: 0,
  warnings: 0,
};

describe('what an import would do', () => {
  it('is said in one line', () => {
    expect(willDo({ ...NONE, to_create: 30 }, 'users')).toBe('30 users will be added');
    expect(willDo({ ...NONE, to_create: 1, to_update: 2 }, 'users')).toBe('1 user will be added, 2 updated');
    expect(willDo({ ...NONE, to_update: 1 }, 'users')).toBe('1 user will be updated');
    expect(willDo({ ...NONE, to_create: 12_000 }, 'pupils')).toBe('12,000 pupils will be added');
    expect(willDo(NONE, 'users')).toBe('No user will be added');
  });

  it('is summed up with the rows that are not taken', () => {
    expect(summary({ ...NONE, to_create: 28, to_update: 2, rows_refused: 3 }, 'users')).toBe(
      '28 users will be added, 2 updated, 3 rows will not be taken.',
    );
    expect(summary({ ...NONE, to_create: 1 }, 'users')).toBe('1 user will be added.');
  });

  it('explains when there are more rows than users', () => {
    expect(rowsInWords({ ...NONE, rows_accepted: 2, to_create: 1 }, 'users')).toEqual([
      '2 rows make 1 user: some have several establishments.',
    ]);
    expect(rowsInWords({ ...NONE, rows_accepted: 30, to_create: 30 }, 'users')).toEqual([]);
  });

  it('says what holds an invitation, and what was left out', () => {
    expect(rowsInWords({ ...NONE, not_linked_yet: 1 }, 'users')[0]).toContain('the invitation is held');
    expect(rowsInWords({ ...NONE, not_linked_yet: 2 }, 'users')[0]).toContain('their invitations are held');
    expect(rowsInWords({ ...NONE, rows_left_out: 3 }, 'users')).toEqual(['3 rows left out by hand.']);
  });
});

describe('a file of pupils', () => {
  it('says whose care ends and who is missing', () => {
    expect(rowsInWords({ ...NONE, rows_accepted: 3, to_create: 2, ends_care: 1, missing: 4 }, 'pupils')).toEqual([
      '3 rows make 2 pupils: some have several enrolments.',
      'The care of 1 pupil ends.',
      '4 looked-after pupils are not in the file. Nothing is done to them.',
    ]);
    expect(rowsInWords({ ...NONE, missing: 1 }, 'pupils')).toEqual([
      '1 looked-after pupil is not in the file. Nothing is done to them.',
    ]);
    expect(rowsInWords({ ...NONE, rows_skipped_existing: 2 }, 'pupils')).toEqual([
      '2 rows passed over: the pupil is here, with nothing to change.',
    ]);
  });

  it('has columns of its own, and words for those who exist', () => {
    expect(columnChoices('pupils')).toHaveLength(13);
    expect(columnChoices('pupils').filter((column) => columnChoices('users').includes(column))).toEqual([]);
    expect(existingChoices('pupils').find((choice) => choice.value === 'update')?.hint).not.toContain('User Role');
  });
});

describe('what an import did', () => {
  it('is said in one line', () => {
    const result = { created: 0, updated: 0, skipped: 0, refused: 0, invited: 0 };
    expect(wasDone({ ...result, created: 30, refused: 7 }, 'users')).toBe('30 users were added');
    expect(wasDone({ ...result, created: 1, updated: 1 }, 'users')).toBe('1 user was added and 1 user was updated');
    expect(wasDone(result, 'users')).toBe('No user was added');
  });
});

describe('an undo', () => {
  const look: UndoLook = { refused: null, to_remove: 0, to_restore: 0, staying: 0, rows: [], after: null };

  it('says what it would do', () => {
    expect(wouldUndo({ ...look, to_remove: 28, to_restore: 2 }, 'users')).toBe(
      '28 users will be removed and 2 users will have their former values again',
    );
    expect(wouldUndo(look, 'users')).toBe('Nothing can be undone any more');
  });

  it('says what it did', () => {
    expect(wasUndone({ at: '', by: '', removed: 27, restored: 0, stayed: 1 }, 'users')).toBe(
      '27 users removed and 1 user left as they are',
    );
  });
});

describe('the page of an import', () => {
  it('lies among those whom the import adds', () => {
    expect(pageOf({ id: 'i1', kind: 'pupils' })).toEqual({ screen: 'import_of_pupils', id: 'i1' });
    expect(pageOf({ id: 'i1', kind: 'users' })).toEqual({ screen: 'import', id: 'i1' });
  });
});
