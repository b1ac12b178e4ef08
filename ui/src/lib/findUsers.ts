import type { User } from './bindings';
import { session } from './session.svelte';
import { isAssigned } from './userWords';

/** Users who may take over pupils: not inactive, no Designated Teacher, and not the one whose pupils they are. */
export async function findSuccessors(text: string, leaving: string | null): Promise<User[]> {
  const page = await session.call('list_users', {
    search: text || null,
    role: null,
    status: null,
    establishment_id: null,
    needs_attention: false,
    after: null,
    limit: 60,
  });
  return page.rows
    .filter((user) => isAssigned(user.role) && user.status !== 'inactive' && user.id !== leaving)
    .slice(0, 20);
}
