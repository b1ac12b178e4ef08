import { describe, expect, it } from 'vitest';
import type { Enrolment, Pupil } from './bindings';
import { inShort, standing, whereNow, yearGroup } from './pupils';

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
