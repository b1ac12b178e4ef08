import type { Link } from './bindings';

/** How a link stands to a day. */
export function linkStanding(link: { start: string; end: string | null }, today: string): 'now' | 'later' | 'ended' {
  if (link.end !== null && link.end < today) return 'ended';
  return link.start > today ? 'later' : 'now';
}

const ORDER = { now: 0, later: 1, ended: 2 };

/** Links that hold today first, then those to come, then ended ones; each by name of the establishment. */
export function inOrder(links: readonly Link[], today: string): (Link & { standing: 'now' | 'later' | 'ended' })[] {
  return links
    .map((link) => ({ ...link, standing: linkStanding(link, today) }))
    .sort(
      (a, b) =>
        ORDER[a.standing] - ORDER[b.standing] ||
        (a.standing === 'ended' ? (b.end ?? '').localeCompare(a.end ?? '') : 0) ||
        a.establishment_name.localeCompare(b.establishment_name, 'en-GB'),
    );
}
