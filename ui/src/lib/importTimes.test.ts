import { describe, expect, it } from 'vitest';
import { londonInstant, timeOfDay } from './importTimes';

describe('a time of day', () => {
  it('is read as people write it', () => {
    expect(['8:05', '08.05', '0805', ' 23:59 ', '0:00'].map(timeOfDay)).toEqual([
      '08:05',
      '08:05',
      '08:05',
      '23:59',
      '00:00',
    ]);
  });

  it('is refused when it is none', () => {
    expect(['', '24:00', '8:60', 'noon', '8', '08:00 pm'].map(timeOfDay)).toEqual([null, null, null, null, null, null]);
  });
});

describe('a day and a time in London', () => {
  it('is an hour ahead of UTC in summer only', () => {
    expect(londonInstant('2026-12-01', '08:00')).toBe('2026-12-01T08:00:00.000Z');
    expect(londonInstant('2026-07-01', '08:00')).toBe('2026-07-01T07:00:00.000Z');
  });

  it('is the earlier of two when the clocks go back, and none when they jump over it', () => {
    expect(londonInstant('2026-10-25', '01:30')).toBe('2026-10-25T00:30:00.000Z');
    expect(londonInstant('2026-03-29', '01:30')).toBeNull();
    expect(londonInstant('2026-03-29', '02:00')).toBe('2026-03-29T01:00:00.000Z');
  });

  it('is none for no date', () => {
    expect(londonInstant('2026-02-30', '08:00')).toBeNull();
    expect(londonInstant('', '08:00')).toBeNull();
  });
});
