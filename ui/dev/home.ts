/** Home and finding, for looking at. */
import type { FoundAnything, Home, StoreHome } from '../src/lib/bindings';
import { establishments, pupils, users } from './people';
import { reminderAnswers } from './reminders';
import { ago, empty, has, id, role } from './scene';
import { conversations } from './talk';

const la = role !== 'designated_teacher';
const where = (at: number) =>
  `Year ${(at % 9) + 1}, ${establishments[at % Math.max(establishments.length, 1)]?.name ?? ''}`;

export const homeAnswers = {
  home: (): Home => {
    const unread = conversations.filter((row) => row.unread > 0 && !row.notice);
    const due = reminderAnswers.list_reminders().due;
    return {
      unread: unread.length,
      unread_rows: unread.slice(0, 5),
      notices: empty ? 0 : 3,
      due: due.length,
      due_rows: due.slice(0, 5),
      new_pupils: empty
        ? []
        : pupils.slice(2, 4).map((pupil, at) => ({
            conversation_id: id(6, at),
            pupil_id: pupil.id,
            known_as: pupil.known_as,
            detail: where(at),
          })),
      not_sent: empty ? 0 : 2,
      drafts: empty ? 0 : 1,
      no_social_worker: la ? (empty ? 0 : 7) : null,
      no_school: la ? (empty ? 0 : 1) : null,
    };
  },
  store_home: (): StoreHome => ({
    nobody_to_read: empty ? 0 : 3,
    without_reader: establishments.slice(3, 6).map((one) => ({ id: one.id, name: one.name })),
    refused_imports: empty
      ? []
      : [
          {
            id: id(7, 1),
            kind: 'users',
            file_name: 'designated-teachers-autumn.csv',
            committed_at: ago(1500),
            refused: 4,
          },
        ],
  }),
  find_anything: ({ search }: { search: string }): FoundAnything => ({
    pupils: pupils
      .filter((pupil) => has(search, pupil.known_as))
      .slice(0, 6)
      .map((pupil, at) => ({ id: pupil.id, known_as: pupil.known_as, detail: where(at) })),
    people: users
      .filter((user) => has(search, `${user.first_name} ${user.last_name}`))
      .slice(0, 6)
      .map((user) => ({
        id: user.id,
        name: `${user.first_name} ${user.last_name}`,
        detail: user.job_title,
        role: user.role,
        may_write: true,
      })),
    establishments: establishments
      .filter((one) => has(search, one.name))
      .slice(0, 6)
      .map((one) => ({ id: one.id, name: one.name, detail: one.town })),
    conversations: conversations.filter((row) => has(search, row.subject, row.pupil_name)).slice(0, 6),
  }),
};
