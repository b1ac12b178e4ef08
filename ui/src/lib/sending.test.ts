import { describe, expect, it } from 'vitest';
import { secondsLeft, sendingTo } from './sending';

describe('a message that can be taken back', () => {
  it('says whom it goes to, and that it waits without a network', () => {
    expect(sendingTo(3, true)).toBe('Sending to 3 people');
    expect(sendingTo(1, true)).toBe('Sending to 1 person');
    expect(sendingTo(0, true)).toBe('Sending');
    expect(sendingTo(2, false)).toBe('Waits to be sent to 2 people');
  });

  it('counts whole seconds down to none', () => {
    expect(secondsLeft(10_000, 0)).toBe(10);
    expect(secondsLeft(10_000, 1)).toBe(10);
    expect(secondsLeft(10_000, 9_500)).toBe(1);
    expect(secondsLeft(10_000, 12_000)).toBe(0);
  });
});
