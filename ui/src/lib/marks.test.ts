import { describe, expect, it } from 'vitest';
import { markParts } from './marks';

const hits = (text: string, marks: string[]) =>
  markParts(text, marks)
    .filter((part) => part.hit)
    .map((part) => part.text);

describe('marking what a search found', () => {
  it('marks words by their beginning, whatever their case and accents', () => {
    expect(hits('The Crèche at the CRECHES, increase', ['creche'])).toEqual(['Crèche', 'CRECHES']);
    expect(hits("He was late on Monday, O'Neil said", ['monday', 'neil'])).toEqual(['Monday', 'Neil']);
  });

  it('loses nothing of the text', () => {
    const text = 'Late, late,\nlate again.';
    expect(
      markParts(text, ['late'])
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
    expect(markParts(text, [])).toEqual([{ text, hit: false }]);
    expect(markParts('', ['late'])).toEqual([{ text: '', hit: false }]);
  });
});
