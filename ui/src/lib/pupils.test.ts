import { describe, expect, it } from 'vitest';
import type { Enrolment, Pupil } from './bindings';
import { careStanding, inShort, isMove, overlapping, standing, whereNow, yearGroup } from './pupils';

const enrolment = (name: string, start: string, end: string | null): Enrolment => ({
  id: name,
  establishment_id: name,
  establishment_name: name,
  kind: 'main',
  start,
  end,
  visible_from: start,
});

const pupil = (enrolments: Enrolment[]): Pupil => ({
  id: 'p1',
  known_as: 'Tom Reed',
  legal_first_name: null,
  legal_last_name: null,
  born: '2016-01-01',
  year_group: 5,
  upn: null,
  reference: null,
  looked_after: true,
  enrolments,
  ehcp: false,
  social_worker: null,
  caseworker: null,
  mine: false,
  restricted: false,
  adopted: false,
});

describe('an enrolment', () => {
  it('lasts through its last day', () => {
    const one = enrolment('Riverside', '2025-09-01', '2026-03-04');
    expect(standing(one, '2025-08-31')).toBe('later');
    expect(standing(one, '2025-09-01')).toBe('now');
    expect(standing(one, '2026-03-04')).toBe('now');
    expect(standing(one, '2026-03-05')).toBe('ended');
  });
});

describe('a pupil in short', () => {
  it('tells where they are, or will be', () => {
    const moving = pupil([
      enrolment('Riverside', '2024-09-01', '2026-03-04'),
      enrolment('Hilltop', '2026-04-01', null),
    ]);
    expect(inShort(moving, '2026-03-01')).toBe('Year 5, Riverside');
    expect(whereNow(moving, '2026-03-10')).toEqual(['Hilltop (to come)']);
    expect(whereNow(moving, '2026-04-01')).toEqual(['Hilltop']);
    expect(inShort(pupil([]), '2026-03-01')).toBe('Year 5');
  });

  it('names the year groups', () => {
    expect([-1, 0, 1, 13, 14].map(yearGroup)).toEqual([
      'Before Reception',
      'Reception',
      'Year 1',
      'Year 13',
      'After Year 13',
    ]);
  });
});

describe('a time in care', () => {
  it('ends before its end: the first day no longer in care', () => {
    const care = { start: '2025-01-10', end: '2025-03-01' };
    expect(careStanding(care, '2025-01-09')).toBe('later');
    expect(careStanding(care, '2025-02-28')).toBe('now');
    expect(careStanding(care, '2025-03-01')).toBe('ended');
  });
});

describe('enrolments beside each other', () => {
  const here = enrolment('Riverside', '2024-09-01', '2026-12-18');
  const coming = enrolment('Hilltop', '2027-01-04', null);

  it('overlap at other establishments by a single day', () => {
    const entry = { id: null, establishment_id: 'Abbey', start: '2026-12-18', end: null };
    expect(overlapping([here, coming], entry)).toEqual([here, coming]);
    expect(overlapping([here, coming], { ...entry, start: '2026-12-19', end: '2027-01-03' })).toEqual([]);
    expect(overlapping([here], { ...entry, establishment_id: 'Riverside' })).toEqual([]);
    expect(overlapping([here], { ...entry, id: 'Riverside' })).toEqual([]);
  });

  it('are a move when one Main ends before the other begins', () => {
    expect(isMove([here, coming], coming, '2026-12-01')).toBe(true);
    expect(isMove([here, coming], coming, '2027-01-04')).toBe(false);
    expect(isMove([{ ...here, end: null }, coming], coming, '2026-12-01')).toBe(false);
    expect(isMove([here], { ...coming, kind: 'tuition' }, '2026-12-01')).toBe(false);
  });
});
