import { describe, expect, it } from 'vitest';
import type { CareReturn, Finding } from './bindings';
import {
  becameInShort,
  comparedInWords,
  findingsOf,
  heldInWords,
  inPieces,
  kindsOf,
  lastReturnDay,
  readInWords,
} from './careReturn';

const finding = (row: number, severity: Finding['severity'], code: Finding['code']): Finding => ({
  row,
  column: null,
  column_index: null,
  field: null,
  value: '',
  severity,
  code,
  message: 'Mend it.',
});

const READ: CareReturn = {
  id: 'r',
  counts: { children: 2675, episodes: 5050, short_breaks: 803, episodes_refused: 0, periods: 1931, open_periods: 1302 },
  errors: 1,
  warnings: 2,
  header_findings: [finding(4, 'warning', 'upn_check_letter')],
  episode_findings: [finding(9, 'error', 'bad_date'), finding(2, 'warning', 'upn_check_letter')],
  compared: { known: 1, same: 0, to_open: 1, to_close: 0, later_here: 0, differ: 2 },
  not_known: ['1', '2'],
};

describe('a return in words', () => {
  it('stands for the last 31 March that has been', () => {
    expect(['2026-03-30', '2026-03-31', '2026-04-01', '2026-11-28'].map(lastReturnDay)).toEqual([
      '2025-03-31',
      '2025-03-31',
      '2026-03-31',
      '2026-03-31',
    ]);
  });

  it('says what was read and what it comes to', () => {
    expect(readInWords(READ)).toBe(
      '2,675 children with 5,050 episodes were read: 1,931 times in care, 1,302 of them not ended. ' +
        'Left out: 803 short breaks, which are no time in care.',
    );
    expect(comparedInWords(READ)).toEqual([
      '1 child is known here by CHILD or UPN, and 2 are not known yet.',
      '2 times in care are held with other dates: look at the pupils’ pages, since nothing is proposed for those.',
    ]);
  });

  it('puts errors first, and counts the kinds', () => {
    const found = findingsOf(READ);
    expect(found.map((one) => `${one.file} ${one.row}`)).toEqual(['episodes.csv 9', 'header.csv 4', 'episodes.csv 2']);
    expect(kindsOf(found).map((kind) => `${kind.code} ${kind.count}`)).toEqual(['bad_date 1', 'upn_check_letter 2']);
  });

  it('says what is held and what became of it', () => {
    expect(heldInWords([])).toBe('No time in care');
    expect(
      heldInWords([
        { start: '2024-01-10', end: '2024-05-01' },
        { start: '2025-01-10', end: null },
      ]),
    ).toBe('10 January 2024 to 1 May 2024; From 10 January 2025');
    const past = {
      id: 'r',
      as_at: '2026-03-31',
      read_at: '2026-11-28T10:00:00Z',
      read_by: null,
      children: 1,
      episodes: 1,
      errors: 0,
      warnings: 0,
      waiting: 0,
      done: 1200,
      let_go: 0,
      refused: 3,
    };
    expect(becameInShort(past)).toBe('1,200 confirmed, 3 not possible');
    expect(becameInShort({ ...past, done: 0, refused: 0 })).toBe('Nothing proposed');
    expect(inPieces([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  });
});
