import { describe, expect, it } from 'vitest';
import type { RecipientChoice } from './bindings';
import { isChosen, reach, withoutRecipient, withRecipient } from './recipients';

const person = (id: string): RecipientChoice => ({ recipient: { kind: 'user', id }, name: id, detail: '', people: 1 });
const school: RecipientChoice = {
  recipient: { kind: 'virtual_school' },
  name: 'The Virtual School',
  detail: '',
  people: 6,
};
const teachers = (establishment_id: string, people: number): RecipientChoice => ({
  recipient: { kind: 'designated_teachers', establishment_id },
  name: 'Designated Teachers',
  detail: '',
  people,
});

describe('recipients', () => {
  it('are chosen once', () => {
    const chosen = withRecipient(withRecipient([person('a')], person('b')), person('a'));
    expect(chosen.map((one) => one.name)).toEqual(['a', 'b']);
    expect(withRecipient([school], school)).toEqual([school]);
  });

  it('are told apart by what they are, not by name', () => {
    expect(isChosen([teachers('x', 2)], teachers('y', 2))).toBe(false);
    expect(isChosen([teachers('x', 2)], teachers('x', 3))).toBe(true);
    expect(isChosen([person('virtual_school')], school)).toBe(false);
  });

  it('can be taken out', () => {
    expect(withoutRecipient([person('a'), school, person('b')], school.recipient).map((one) => one.name)).toEqual([
      'a',
      'b',
    ]);
  });
});

describe('how many people it reaches', () => {
  it('is counted', () => {
    expect(reach([])).toBe('');
    expect(reach([person('a')])).toBe('Goes to 1 person');
    expect(reach([person('a'), person('b')])).toBe('Goes to 2 people');
    expect(reach([school])).toBe('Goes to 6 people');
    expect(reach([teachers('x', 0)])).toBe('Goes to nobody yet');
  });

  it('is not said to be certain where groups may overlap', () => {
    expect(reach([person('a'), school])).toBe('Goes to up to 7 people');
  });
});
