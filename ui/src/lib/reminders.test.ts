import { describe, expect, it } from 'vitest';
import { clockOf, dayAndTime, minutesOf, quickDays, timesOfDay, unsavedHeading } from './reminders';

describe('reminders', () => {
  it('offers tomorrow, Friday and next Monday, each once', () => {
    // A Monday.
    expect(quickDays('2026-11-23')).toEqual([
      { label: 'Tomorrow', day: '2026-11-24' },
      { label: 'Friday', day: '2026-11-27' },
      { label: 'Next Monday', day: '2026-11-30' },
    ]);
    // On a Thursday, tomorrow is the Friday; on a Friday, Friday is next week's.
    expect(quickDays('2026-11-26').map((one) => one.label)).toEqual(['Tomorrow', 'Next Monday']);
    expect(quickDays('2026-11-27')[2]).toEqual({ label: 'Friday', day: '2026-12-04' });
    expect(quickDays('2026-11-29').map((one) => one.label)).toEqual(['Tomorrow', 'Friday']);
  });

  it('keeps a time that is not among those offered', () => {
    expect(timesOfDay('09:00')).toHaveLength(27);
    expect(timesOfDay('09:10').map(([one]) => one)).toContain('09:10');
    expect(dayAndTime('2026-07-01T23:30:00Z')).toEqual({ on: '2026-07-02', time: '00:30' });
  });

  it('reads and writes times of day', () => {
    expect(clockOf(18 * 60 + 5)).toBe('18:05');
    expect(minutesOf('7:30')).toBe(450);
    for (const wrong of ['', '25:00', '9', '09:60', 'noon']) expect(minutesOf(wrong)).toBeNull();
  });

  it('names the pupil of one that waits only while they may be seen', () => {
    const waits = { due_at: '2026-11-27T09:00:00Z', pupil_name: 'Tom Reed', out_of_sight: false };
    expect(unsavedHeading(waits)).toBe('Reminder about Tom Reed for 27 November 2026 at 09:00');
    expect(unsavedHeading({ ...waits, pupil_name: null, out_of_sight: true })).toBe(
      'Reminder for 27 November 2026 at 09:00',
    );
  });
});
