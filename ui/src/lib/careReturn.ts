import type { CareProposal, CareReturn, CareTime, Finding, FindingKind, PastCareReturn } from './bindings';
import { day } from './dates';
import { listed, plural } from './plural';

/** The last 31 March before a day: the day for which the newest return stands. */
export function lastReturnDay(today: string): string {
  const year = Number(today.slice(0, 4));
  return `${today.slice(5) > '03-31' ? year : year - 1}-03-31`;
}

/** A finding with the file that it is about. */
export type FindingOfFile = Finding & { file: string };

/** The findings of both files, errors first, then those of the children. */
export function findingsOf(read: CareReturn): FindingOfFile[] {
  const all = [
    ...read.header_findings.map((one) => ({ ...one, file: 'header.csv' })),
    ...read.episode_findings.map((one) => ({ ...one, file: 'episodes.csv' })),
  ];
  return [...all.filter((one) => one.severity === 'error'), ...all.filter((one) => one.severity !== 'error')];
}

/** How many findings there are of each kind, errors first, the most frequent first. */
export function kindsOf(findings: readonly Finding[]): FindingKind[] {
  const kinds = new Map<string, FindingKind>();
  for (const { severity, code } of findings) {
    const key = `${severity}/${code}`;
    kinds.set(key, { severity, code, count: (kinds.get(key)?.count ?? 0) + 1 });
  }
  const rank = (kind: FindingKind) => (kind.severity === 'error' ? 0 : 1);
  return [...kinds.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
}

/** What was read, in a sentence or two. */
export function readInWords({ counts }: CareReturn): string {
  const left = [
    ...(counts.short_breaks > 0 ? [`${plural(counts.short_breaks, 'short break')}, which are no time in care`] : []),
    ...(counts.episodes_refused > 0 ? [`${plural(counts.episodes_refused, 'row')} with errors`] : []),
  ];
  return (
    `${plural(counts.children, 'child', 'children')} with ${plural(counts.episodes, 'episode')} were read: ` +
    `${plural(counts.periods, 'time')} in care, ${counts.open_periods.toLocaleString('en-GB')} of them not ended.` +
    (left.length > 0 ? ` Left out: ${listed(left)}.` : '')
  );
}

/** What it comes to beside what is held, in sentences. */
export function comparedInWords({ compared, not_known }: CareReturn): string[] {
  const times = (count: number, what: string) =>
    `${plural(count, 'time')} in care ${count === 1 ? 'is' : 'are'} ${what}`;
  return [
    `${plural(compared.known, 'child is', 'children are')} known here by CHILD or UPN` +
      (not_known.length > 0
        ? `, and ${not_known.length.toLocaleString('en-GB')} ${not_known.length === 1 ? 'is' : 'are'} not known yet.`
        : '.'),
    compared.same > 0 ? `${times(compared.same, 'held here just as the return has it')}.` : '',
    compared.later_here > 0 ? `${times(compared.later_here, 'held with a later date here, which stands')}.` : '',
    compared.differ > 0
      ? `${times(compared.differ, 'held with other dates')}: look at the pupils’ pages, since nothing is proposed for those.`
      : '',
  ].filter(Boolean);
}

/** A time in care in few words. */
export function careTime({ start, end }: CareTime): string {
  return end ? `${day(start)} to ${day(end)}` : `From ${day(start)}`;
}

/** All that is held of a pupil, in few words. */
export function heldInWords(held: readonly CareTime[]): string {
  return held.length === 0 ? 'No time in care' : held.map(careTime).join('; ');
}

/** What a proposal does, as a column says it. */
export function proposedInWords(one: CareProposal): string {
  if (one.closes && one.end) return `Care ended on ${day(one.end)}`;
  return one.end ? `In care from ${day(one.start)} to ${day(one.end)}` : `In care from ${day(one.start)}, not ended`;
}

/** What became of the proposals of a return, in short. */
export function becameInShort(past: PastCareReturn): string {
  const parts = [
    [past.waiting, 'waiting'],
    [past.done, 'confirmed'],
    [past.let_go, 'let go'],
    [past.refused, 'not possible'],
  ] as const;
  const some = parts.filter(([count]) => count > 0);
  if (some.length === 0) return 'Nothing proposed';
  return some.map(([count, what]) => `${count.toLocaleString('en-GB')} ${what}`).join(', ');
}

/** Cuts a list into pieces of one size. */
export function inPieces<T>(all: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let at = 0; at < all.length; at += size) pieces.push(all.slice(at, at + size));
  return pieces;
}
