import type { Establishment } from './bindings';
import { session } from './session.svelte';

/** Establishments that a text finds by name, URN or postcode, for a field to choose one from. */
export async function findEstablishments(text: string): Promise<Establishment[]> {
  const page = await session.call('list_establishments', {
    search: text || null,
    in_use: false,
    closed: false,
    in_use_first: true,
    after: null,
    limit: 20,
  });
  return page.rows;
}
