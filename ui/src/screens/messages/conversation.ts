import type { ConversationView, Member } from '$lib/bindings';
import { listed } from '$lib/plural';

/**
 * A conversation fetched again, with the older pages that are shown already. Those before the fetched page are
 * kept, so that nothing under the reader's eyes moves; the fetched page is taken as it is now.
 */
export function withOlder(shown: ConversationView, fetched: ConversationView): ConversationView {
  const firstFetched = fetched.messages.find((message) => message.number !== null)?.number ?? null;
  if (firstFetched === null || fetched.before === null) return fetched;
  const ids = new Set(fetched.messages.map((message) => message.id));
  const older = shown.messages.filter(
    (message) => message.number !== null && message.number < firstFetched && !ids.has(message.id),
  );
  return older.length === 0 ? fetched : { ...fetched, messages: [...older, ...fetched.messages], before: shown.before };
}

/** Who takes part, in short: `Ann Lee, Ben Cole and you`. */
export function whoTakesPart(members: readonly Member[]): string {
  const others = members.filter((member) => !member.me).map((member) => member.name);
  const me = members.some((member) => member.me) ? ['you'] : [];
  if (others.length === 0) return 'Only you';
  if (others.length > 3) return `${[...others.slice(0, 2), ...me].join(', ')} and ${others.length - 2} others`;
  return listed([...others, ...me]);
}
