import type { ReportDevice, ReportPerson, SightRow } from '$lib/bindings';
import { moment } from '$lib/dates';
import { plural } from '$lib/plural';

/** What somebody did with what they could see, in lines. */
export function whatTheyDid(row: SightRow, now: Date): string[] {
  const lines: string[] = [];
  if (row.reads > 0 && row.first_read_at) {
    const last = row.last_read_at && row.reads > 1 ? `, last ${moment(row.last_read_at, now)}` : '';
    lines.push(`Opened ${plural(row.reads, 'time')}: first ${moment(row.first_read_at, now)}${last}`);
  }
  if (row.files > 0) lines.push(`Opened ${plural(row.files, 'file')}`);
  if (row.sent > 0) lines.push(`Sent ${plural(row.sent, 'message')}`);
  if (row.exports > 0) lines.push(`Exported the messages ${plural(row.exports, 'time')}`);
  return lines;
}

/** Whether and when somebody had a message before their eyes, in lines. */
export function whenTheyRead(person: ReportPerson, now: Date): string[] {
  const lines: string[] = [];
  if (person.read_at) lines.push(`Read ${moment(person.read_at, now)}`);
  if (person.opened_at) lines.push(`Opened the history ${moment(person.opened_at, now)}`);
  if (person.file_opened_at) lines.push(`Opened a file ${moment(person.file_opened_at, now)}`);
  return lines;
}

/** How a device stands, in a line. */
export function aboutDevice(device: ReportDevice, withdrawn: boolean, now: Date): string {
  if (!withdrawn) return `${device.name}: ${device.took ? 'took it' : 'not in contact since'}`;
  return device.confirmed_at
    ? `${device.name}: gone since ${moment(device.confirmed_at, now)}`
    : `${device.name}: not confirmed yet, last in contact ${moment(device.last_contact, now)}`;
}
