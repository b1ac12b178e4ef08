/** Marking in a text the words that a search found, as the search itself compares them. */

/** A part of a text, and whether it is to be marked. */
export interface MarkedPart {
  text: string;
  hit: boolean;
}

/** A word as searches compare it: without accents and letter case. */
function fold(word: string): string {
  return word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The text in parts, those of its words marked that begin with one of the folded beginnings. */
export function markParts(text: string, marks: readonly string[]): MarkedPart[] {
  if (marks.length === 0 || text === '') return [{ text, hit: false }];
  const parts: MarkedPart[] = [];
  let done = 0;
  for (const found of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const word = fold(found[0]);
    if (!marks.some((mark) => word.startsWith(mark))) continue;
    if (found.index > done) parts.push({ text: text.slice(done, found.index), hit: false });
    parts.push({ text: found[0], hit: true });
    done = found.index + found[0].length;
  }
  if (done < text.length || parts.length === 0) parts.push({ text: text.slice(done), hit: false });
  return parts;
}
