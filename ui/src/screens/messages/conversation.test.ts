import { describe, expect, it } from 'vitest';
import type { ConversationView, Member, MessageView } from '$lib/bindings';
import { whoTakesPart, withOlder } from './conversation';

const message = (id: string, number: number | null) => ({ id, number }) as MessageView;
const view = (messages: MessageView[], before: number | null) => ({ messages, before }) as ConversationView;
const member = (name: string, me = false) => ({ name, me }) as Member;

describe('a conversation fetched again', () => {
  it('keeps the older pages that are shown', () => {
    const shown = view([message('a', 1), message('b', 2), message('c', 3)], null);
    const fetched = view([message('c', 3), message('d', 4)], 3);
    const together = withOlder(shown, fetched);
    expect(together.messages.map((one) => one.id)).toEqual(['a', 'b', 'c', 'd']);
    expect(together.before).toBeNull();
  });

  it('shows a message once when it was sent meanwhile', () => {
    const shown = view([message('a', 1), message('mine', null)], null);
    const fetched = view([message('a', 1), message('mine', 2)], null);
    expect(withOlder(shown, fetched)).toBe(fetched);
  });

  it('drops what may no longer be seen', () => {
    const shown = view([message('a', 1), message('b', 2)], null);
    const fetched = view([message('b', 2)], null);
    expect(withOlder(shown, fetched).messages.map((one) => one.id)).toEqual(['b']);
  });
});

describe('who takes part', () => {
  it('is told in short', () => {
    const me = member('Ruth', true);
    expect(whoTakesPart([me])).toBe('Only you');
    expect(whoTakesPart([member('Ann'), me])).toBe('Ann and you');
    expect(whoTakesPart([member('Ann'), member('Ben')])).toBe('Ann and Ben');
    expect(whoTakesPart(['Ann', 'Ben', 'Cy', 'Di'].map((name) => member(name)).concat(me))).toBe(
      'Ann, Ben, you and 2 others',
    );
  });
});
