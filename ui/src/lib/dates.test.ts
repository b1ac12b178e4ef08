import { describe, expect, it } from 'vitest';
import { day, dayHeading, dayOf, fromFields, moment, shortMoment, time, toFields, upToDate } from './dates';

// In summer London is an hour ahead of UTC.
const NOW = new Date('2026-07-15T09:30:00Z');

describe('times', () => {
  it('are those of London, in summer and in winter', () => {
    expect(time('2026-07-15T09:42:00Z')).toBe('10:42');
    expect(time('2026-01-15T09:42:00Z')).toBe('09:42');
    expect(time('2026-01-15T00:05:00Z')).toBe('00:05');
  });

  it('fall on London’s day, not on that of UTC', () => {
    expect(dayOf('2026-07-14T23:30:00Z')).toBe('2026-07-15');
    expect(dayOf('2026-01-14T23:30:00Z')).toBe('2026-01-14');
  });
});

describe('days', () => {
  it('are written out', () => {
    expect(day('2026-03-04')).toBe('4 March 2026');
    expect(day('2000-02-29')).toBe('29 February 2000');
  });
});

describe('a moment', () => {
  it('is told beside today', () => {
    expect(moment('2026-07-14T23:30:00Z', NOW)).toBe('today at 00:30');
    expect(moment('2026-07-14T22:30:00Z', NOW)).toBe('yesterday at 23:30');
    expect(moment('2026-03-04T10:42:00Z', NOW)).toBe('4 March 2026 at 10:42');
    expect(moment('2026-07-16T08:00:00Z', NOW)).toBe('16 July 2026 at 09:00');
  });

  it('is short in a list', () => {
    expect(shortMoment('2026-07-15T08:42:00Z', NOW)).toBe('09:42');
    expect(shortMoment('2026-07-14T08:42:00Z', NOW)).toBe('Yesterday');
    expect(shortMoment('2026-07-09T08:42:00Z', NOW)).toBe('Thursday');
    expect(shortMoment('2026-07-08T08:42:00Z', NOW)).toBe('8 Jul');
    expect(shortMoment('2025-12-31T23:59:00Z', NOW)).toBe('31 Dec 2025');
  });

  it('heads a day of messages', () => {
    expect(dayHeading('2026-07-15T08:42:00Z', NOW)).toBe('Today');
    expect(dayHeading('2026-03-02T08:42:00Z', NOW)).toBe('Monday 2 March');
    expect(dayHeading('2025-03-02T08:42:00Z', NOW)).toBe('2 March 2025');
  });

  it('of the last contact carries the day when it was not today', () => {
    expect(upToDate('2026-07-15T09:29:00Z', NOW)).toBe('Up to date 10:29');
    expect(upToDate('2026-07-13T09:29:00Z', NOW)).toBe('Up to date 13 Jul, 10:29');
  });
});

describe('the three fields of a date', () => {
  it('hold a day and give it back', () => {
    expect(toFields('2026-03-04')).toEqual({ day: '4', month: '3', year: '2026' });
    expect(fromFields({ day: ' 4', month: '3 ', year: '2026' })).toBe('2026-03-04');
    expect(toFields(null)).toEqual({ day: '', month: '', year: '' });
  });

  it('tell nothing entered from something wrong', () => {
    expect(fromFields({ day: '', month: ' ', year: '' })).toBeNull();
    for (const [d, m, y] of [
      ['31', '2', '2026'],
      ['29', '2', '2025'],
      ['1', '13', '2026'],
      ['1', '1', '26'],
      ['', '1', '2026'],
      ['x', '1', '2026'],
    ] as const) {
      expect(fromFields({ day: d, month: m, year: y }), `${d} ${m} ${y}`).toBeUndefined();
    }
  });
});
