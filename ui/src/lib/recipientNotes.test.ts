import { describe, expect, it } from 'vitest';
import type { RecipientReport } from './bindings';
import { answering, notesOf, stillChosen, whyNot } from './recipientNotes';

const none: RecipientReport = { people: null, sure: false, not_entitled: [], left_out: 0, inactive: [], away: [] };
const callum = { user_id: 'c', name: 'Callum Dogwood' };

describe('what is said of those whom a message is for', () => {
  it('says who may not see the pupil, with one click to remove them', () => {
    const [note] = notesOf({ ...none, sure: true, not_entitled: [callum] }, 'Tom Reed');
    expect(note?.text).toBe('Callum Dogwood may not see Tom Reed. The message cannot be sent to Callum.');
    expect(note?.action).toEqual({ label: 'Remove Callum Dogwood', user: 'c' });
  });

  it('says without a network only what this computer knows, and does not forbid it', () => {
    const report = { ...none, not_entitled: [callum] };
    expect(notesOf(report, 'Tom Reed')[0]?.text).toContain('may not be able to see Tom Reed');
    expect(whyNot(report, 'Tom Reed')).toBeNull();
    expect(whyNot({ ...report, sure: true }, 'Tom Reed')).toBe(
      'Callum Dogwood may not see Tom Reed. Remove them, then send.',
    );
  });

  it('forbids nothing for the sake of someone who was taken out since', () => {
    const report = { ...none, sure: true, not_entitled: [callum] };
    const choice = { recipient: { kind: 'user' as const, id: 'c' }, name: 'Callum Dogwood', detail: '', people: 1 };
    expect(whyNot(stillChosen(report, [choice]), 'Tom Reed')).not.toBeNull();
    expect(whyNot(stillChosen(report, []), 'Tom Reed')).toBeNull();
  });

  it('offers who covers for someone who is away', () => {
    const cover = { recipient: { kind: 'user' as const, id: 'a' }, name: 'Anna Webb', detail: '', people: 1 };
    const away = [{ user_id: 'e', name: 'Eleanor Bold', until: '2027-01-05', cover }];
    const [note] = notesOf({ ...none, away }, null);
    expect(note?.text).toBe('Eleanor Bold is away until 5 January 2027. Anna Webb covers.');
    expect(note?.action?.label).toBe('Add Anna Webb');
    expect(notesOf({ ...none, away: away.map((one) => ({ ...one, cover: null })) }, null)[0]?.action).toBeNull();
  });

  it('says whom of a group it does not reach, and who is no longer there', () => {
    const notes = notesOf({ ...none, left_out: 2, inactive: [callum] }, 'Tom Reed');
    expect(notes.map((note) => note.text)).toEqual([
      'Callum Dogwood can no longer be written to.',
      '2 people in the groups you chose may not see Tom Reed. It does not go to them.',
    ]);
    expect(whyNot({ ...none, inactive: [callum] }, null)).toContain('can no longer be written to');
  });
});

describe('a message that begins from another', () => {
  it('has one Re:', () => {
    expect(answering('Trip')).toBe('Re: Trip');
    expect(answering('RE: Trip')).toBe('RE: Trip');
  });
});
