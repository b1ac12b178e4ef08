import { describe, expect, it } from 'vitest';
import { Selection } from './selection.svelte';

const ROWS = ['a', 'b', 'c', 'd', 'e'];

function selected(...ids: string[]): Selection {
  const selection = new Selection();
  selection.only(ids);
  return selection;
}

const held = (selection: Selection) => ROWS.filter((id) => selection.has(id)).join('');

describe('what is selected in a list', () => {
  it('goes on and off row by row', () => {
    const selection = new Selection();
    selection.toggle(ROWS, 'b');
    selection.toggle(ROWS, 'd');
    expect([held(selection), selection.count(5)]).toEqual(['bd', 2]);
    selection.toggle(ROWS, 'b');
    expect([held(selection), selection.none]).toEqual(['d', false]);
    selection.clear();
    expect(selection.none).toBe(true);
  });

  it('reaches with Shift from the row before, up or down, on or off', () => {
    const selection = new Selection();
    selection.toggle(ROWS, 'd');
    selection.toggle(ROWS, 'b', true);
    expect(held(selection)).toBe('bcd');
    selection.toggle(ROWS, 'c', true);
    expect(held(selection)).toBe('d');
  });

  it('takes one row alone when there is nothing to reach from', () => {
    const selection = selected('a');
    selection.toggle(ROWS, 'd', true);
    expect(held(selection)).toBe('ad');
  });

  it('takes single rows out of everything again, and back in', () => {
    const selection = selected('a');
    selection.selectEverything();
    expect([held(selection), selection.count(1_240), selection.ids]).toEqual(['abcde', 1_240, []]);
    selection.toggle(ROWS, 'b');
    selection.toggle(ROWS, 'd', true);
    expect([held(selection), selection.everything, selection.count(1_240)]).toEqual(['ae', true, 1_237]);
    expect([selection.ids, selection.except]).toEqual([[], ['b', 'c', 'd']]);
    selection.toggle(ROWS, 'c');
    expect([held(selection), selection.except, selection.none]).toEqual(['ace', ['b', 'd'], false]);
    selection.clear();
    expect([selection.none, selection.except]).toEqual([true, []]);
  });
});
