import { describe, expect, it } from 'vitest';
import type { SightRow } from '$lib/bindings';
import { aboutDevice, whatTheyDid } from './words';

const now = new Date('2026-11-28T12:00:00Z');
const row: SightRow = {
  user_id: 'u',
  user_name: 'Helen Okafor',
  role: 'designated_teacher',
  pupil_id: 'p',
  pupil_name: 'Tom Reed',
  from: '2026-09-01T00:00:00Z',
  until: null,
  other_ways: false,
  reads: 0,
  first_read_at: null,
  last_read_at: null,
  files: 0,
  sent: 0,
  exports: 0,
  devices: [],
};

describe('a report', () => {
  it('says what somebody did, and nothing where nothing was done', () => {
    expect(whatTheyDid(row, now)).toEqual([]);
    const read = { reads: 2, first_read_at: '2026-11-03T09:00:00Z', last_read_at: '2026-11-27T15:30:00Z' };
    expect(whatTheyDid({ ...row, ...read, files: 1, exports: 1 }, now)).toEqual([
      'Opened 2 times: first 3 November 2026 at 09:00, last yesterday at 15:30',
      'Opened 1 file',
      'Exported the messages 1 time',
    ]);
  });

  it('says which device has not confirmed', () => {
    const device = { name: 'A laptop', last_contact: '2026-11-28T09:05:00Z', took: true, confirmed_at: null };
    expect(aboutDevice(device, false, now)).toBe('A laptop: took it');
    expect(aboutDevice(device, true, now)).toBe('A laptop: not confirmed yet, last in contact today at 09:05');
    expect(aboutDevice({ ...device, confirmed_at: '2026-11-28T09:06:00Z' }, true, now)).toBe(
      'A laptop: gone since today at 09:06',
    );
  });
});
