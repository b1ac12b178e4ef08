import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AttachmentView } from './bindings';
import { announcer } from './announcer.svelte';
import { inShort, openAttachment, saveAttachment, sizeOf, warning } from './attachments';
import type { AccountCall } from './backend';
import { confirm } from './confirm.svelte';
import { Refused } from './problem';

const plan: AttachmentView = { id: 'a', name: 'Plan.pdf', kind: 'pdf', size: 1_240_000, can_run: false, held: true };
const macros: AttachmentView = { ...plan, name: 'Plan.docm', kind: 'macro_document', can_run: true };
const refusal = (field: string | null, message = 'No.') =>
  new Refused({ code: 'invalid', message, field, request_id: null });

beforeEach(() => vi.restoreAllMocks());

describe('what is said of an attachment', () => {
  it('counts as file managers do', () => {
    expect(
      [1, 999, 12_400, 999_499, 999_500, 25_000_000].map(sizeOf).map((text) => text.replace('\u00a0', ' ')),
    ).toEqual(['1 byte', '999 bytes', '12 KB', '999 KB', '1 MB', '25 MB']);
    expect(inShort(plan)).toBe('PDF, 1.2\u00a0MB');
  });

  it('says what a kind can do', () => {
    expect(warning(macros).text).toContain('macros');
    expect(warning({ ...plan, kind: 'other' }).text).toContain('can run');
  });
});

describe('opening', () => {
  it('opens what is harmless at once', async () => {
    const call = vi.fn().mockResolvedValue(undefined);
    const ask = vi.spyOn(confirm, 'ask');
    await openAttachment(call as unknown as AccountCall, 'm', plan);
    expect(ask).not.toHaveBeenCalled();
    expect(call).toHaveBeenCalledWith('open_attachment', { message_id: 'm', id: 'a', although_it_can_run: false });
  });

  it('warns before what can run, and opens nothing when the answer is no', async () => {
    const call = vi.fn().mockResolvedValue(undefined);
    const ask = vi.spyOn(confirm, 'ask').mockResolvedValueOnce(false);
    await openAttachment(call as unknown as AccountCall, 'm', macros);
    expect(call).not.toHaveBeenCalled();
    ask.mockResolvedValueOnce(true);
    await openAttachment(call as unknown as AccountCall, 'm', macros);
    expect(call).toHaveBeenCalledWith('open_attachment', { message_id: 'm', id: 'a', although_it_can_run: true });
  });

  it('warns once it shows that it is not what it was said to be', async () => {
    const call = vi.fn().mockRejectedValueOnce(refusal('although_it_can_run')).mockResolvedValueOnce(undefined);
    const ask = vi.spyOn(confirm, 'ask').mockResolvedValueOnce(true);
    await openAttachment(call as unknown as AccountCall, 'm', plan);
    expect(ask).toHaveBeenCalledOnce();
    expect(call).toHaveBeenCalledTimes(2);
  });

  it('tells why it could not be opened or saved', async () => {
    const say = vi.spyOn(announcer, 'say').mockImplementation(() => undefined);
    const call = vi.fn().mockRejectedValue(refusal(null, 'Open it again when you are online.'));
    await openAttachment(call as unknown as AccountCall, 'm', plan);
    await saveAttachment(call as unknown as AccountCall, 'm', plan);
    expect(say).toHaveBeenCalledTimes(2);
    expect(say).toHaveBeenCalledWith('Open it again when you are online.', 'problem');
  });
});
