import { describe, expect, it } from 'vitest';
import { nearEnd, scrollToShow, windowOf } from './virtual';

describe('the window of a long list', () => {
  it('draws a screenful and some to spare, of however many rows', () => {
    const window = windowOf(100_000, 44, 44_000, 600, 8);
    expect(window).toEqual({ start: 992, end: 1_022, above: 992 * 44, below: (100_000 - 1_022) * 44 });
  });

  it('is as high as all rows together, wherever it is scrolled to', () => {
    for (let top = -50; top < 5_000; top += 37) {
      const window = windowOf(90, 44, top, 300);
      expect(window.above + (window.end - window.start) * 44 + window.below).toBe(90 * 44);
    }
  });

  it('covers what is seen', () => {
    for (let top = 0; top <= 90 * 44 - 300; top += 13) {
      const window = windowOf(90, 44, top, 300);
      expect(window.start * 44).toBeLessThanOrEqual(top);
      expect(window.end * 44).toBeGreaterThanOrEqual(top + 300);
    }
  });

  it('is empty for no rows, and holds when rows went away under it', () => {
    expect(windowOf(0, 44, 0, 600)).toEqual({ start: 0, end: 0, above: 0, below: 0 });
    expect(windowOf(3, 44, 9_000, 600)).toEqual({ start: 3, end: 3, above: 132, below: 0 });
  });

  it('asks for more before the end is seen', () => {
    expect(nearEnd(200, windowOf(200, 44, 0, 600))).toBe(false);
    expect(nearEnd(200, windowOf(200, 44, 150 * 44, 600))).toBe(true);
    expect(nearEnd(0, windowOf(0, 44, 0, 600))).toBe(true);
  });

  it('scrolls no further than it takes to show a row', () => {
    expect(scrollToShow(5, 44, 0, 600)).toBe(0);
    expect(scrollToShow(20, 44, 0, 600)).toBe(21 * 44 - 600);
    expect(scrollToShow(2, 44, 400, 600)).toBe(88);
  });
});
