import type { AccountCall } from '$lib/backend';
import type { LinkEntry, User } from '$lib/bindings';

/** Every link of a user, as an edit of them names it. */
function entries(user: User): LinkEntry[] {
  return user.links.map((link) => ({
    id: link.id,
    establishment_id: link.establishment_id,
    capacity: link.capacity,
    start: link.start,
    end: link.end,
  }));
}

/** Changes the links of a user and nothing else of them. */
export async function changeLinks(
  call: AccountCall,
  userId: string,
  change: (links: LinkEntry[]) => LinkEntry[],
): Promise<User> {
  const user = await call('get_user', { id: userId });
  const { role, first_name, last_name, job_title, email, phone } = user;
  const entry = { role, first_name, last_name, job_title, email, phone, links: change(entries(user)) };
  return call('edit_user', { id: userId, edit: { revision: user.revision, entry, status: user.status } });
}
