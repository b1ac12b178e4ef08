import type { ConversationRow, FoundAnything, Role } from './bindings';
import { ROLES } from './bindings/words';
import { beginMessage } from './fresh';
import { router } from './router.svelte';
import { HOME, INBOX, type Route } from './routes';
import { session } from './session.svelte';
import { lock, syncNow } from './shortcuts';
import { fits } from './wordsOf';
import type { IconName } from '../components/icons';

/** One thing that can be chosen. */
export interface Choice {
  key: string;
  icon: IconName;
  name: string;
  detail: string;
  open: () => void;
}

/** Things of one kind, under a heading. */
export interface Group {
  heading: string;
  choices: Choice[];
}

interface Action {
  name: string;
  icon: IconName;
  /** Other words that it is looked for by. */
  also?: string;
  for?: 'la' | 'super' | 'teacher';
  to: Route | (() => void);
}

const ACTIONS: readonly Action[] = [
  { name: 'New message', icon: 'edit', also: 'write compose send', to: () => void beginMessage() },
  { name: 'Home', icon: 'home', also: 'today', to: HOME },
  { name: 'Inbox', icon: 'inbox', also: 'messages', to: INBOX },
  { name: 'Unread messages', icon: 'unread', to: { screen: 'messages', folder: 'unread' } },
  { name: 'Drafts', icon: 'draft', to: { screen: 'messages', folder: 'drafts' } },
  { name: 'Outbox', icon: 'outbox', also: 'not sent waiting', to: { screen: 'messages', folder: 'outbox' } },
  { name: 'Notices', icon: 'info', to: { screen: 'messages', folder: 'notices' } },
  { name: 'Pupils', icon: 'pupils', also: 'children', to: { screen: 'pupils' } },
  { name: 'Pupils with no school', icon: 'pupils', for: 'la', to: { screen: 'pupils', only: 'no_school' } },
  {
    name: 'Pupils with no social worker',
    icon: 'pupils',
    for: 'la',
    to: { screen: 'pupils', only: 'no_social_worker' },
  },
  { name: 'Add pupil', icon: 'plus', also: 'new child', for: 'la', to: { screen: 'add_pupil' } },
  {
    name: 'Add pupils from a file',
    icon: 'file',
    also: 'bulk csv import',
    for: 'la',
    to: { screen: 'bulk_add_pupils' },
  },
  { name: 'Users', icon: 'users', also: 'people', for: 'la', to: { screen: 'users' } },
  { name: 'Add user', icon: 'plus', also: 'new invite', for: 'super', to: { screen: 'add_user' } },
  { name: 'Bulk add users', icon: 'file', also: 'csv import file', for: 'super', to: { screen: 'bulk_add' } },
  { name: 'Past imports', icon: 'file', also: 'bulk csv', for: 'la', to: { screen: 'imports' } },
  { name: 'Colleagues', icon: 'users', for: 'teacher', to: { screen: 'colleagues' } },
  { name: 'Establishments', icon: 'establishments', also: 'schools', to: { screen: 'establishments' } },
  { name: 'Reminders', icon: 'bell', to: { screen: 'reminders' } },
  { name: 'Settings', icon: 'settings', also: 'notifications dark quiet hours', to: { screen: 'settings' } },
  { name: 'Ask the store for what is new', icon: 'sync', also: 'refresh', to: () => void syncNow() },
  { name: 'Lock', icon: 'lock', to: () => void lock() },
];

/** What can be done that fits; with nothing typed, what is done most. */
export function actions(typed: string): Choice[] {
  const may = (action: Action) =>
    action.for === undefined ||
    (action.for === 'la' && session.isLa) ||
    (action.for === 'super' && session.isSuper) ||
    (action.for === 'teacher' && session.me?.role === 'designated_teacher');
  return ACTIONS.filter(may)
    .filter((action) => fits(typed, action.name, action.also ?? ''))
    .slice(0, typed.trim() ? 5 : 8)
    .map((action) => {
      const to = action.to;
      return {
        key: `action-${action.name}`,
        icon: action.icon,
        name: action.name,
        detail: '',
        open: typeof to === 'function' ? to : () => router.go(to),
      };
    });
}

/** What opens a person: their page for LA roles, a message to them for others. */
function person(one: { id: string; name: string; detail: string; role: Role; may_write: boolean }): Choice {
  return {
    key: `person-${one.id}`,
    icon: 'person',
    name: one.name,
    detail: one.detail || ROLES[one.role],
    open: () => {
      if (session.isLa) router.go({ screen: 'user', id: one.id });
      else void beginMessage({ user_id: one.id });
    },
  };
}

function conversation(row: ConversationRow): Choice {
  return {
    key: `conversation-${row.id}`,
    icon: row.notice ? 'info' : 'messages',
    name: row.subject,
    detail: [row.notice ? 'Notice' : row.with, row.pupil_name].filter(Boolean).join(' · '),
    open: () => router.go({ screen: 'messages', folder: 'inbox', conversation: row.id }),
  };
}

function place(one: { id: string; name: string; detail: string }): Choice {
  return {
    key: `establishment-${one.id}`,
    icon: 'establishments',
    name: one.name,
    detail: one.detail,
    open: () => router.go({ screen: 'establishment', id: one.id }),
  };
}

/** Everything that was found, in groups; those with nothing in them are left out. */
export function groups(typed: string, found: FoundAnything, elsewhere: FoundAnything): Group[] {
  const merged = <T extends { id: string }>(here: T[], there: T[]) => [
    ...here,
    ...there.filter((one) => !here.some((held) => held.id === one.id)),
  ];
  return [
    {
      heading: 'Pupils',
      choices: found.pupils.map((one) => ({
        key: `pupil-${one.id}`,
        icon: 'pupils' as const,
        name: one.known_as,
        detail: one.detail,
        open: () => router.go({ screen: 'pupil', id: one.id }),
      })),
    },
    {
      heading: 'People',
      // Whom neither a page nor a message can be opened of is of no use here.
      choices: merged(found.people, elsewhere.people)
        .filter((one) => session.isLa || one.may_write)
        .map(person),
    },
    { heading: 'Establishments', choices: merged(found.establishments, elsewhere.establishments).map(place) },
    { heading: 'Messages', choices: found.conversations.map(conversation) },
    { heading: 'Go to', choices: actions(typed) },
  ].filter((group) => group.choices.length > 0);
}

export const NOTHING: FoundAnything = { pupils: [], people: [], establishments: [], conversations: [] };

/** For LA roles: what only the store knows, users and establishments beyond those held here. */
export async function findInStore(typed: string): Promise<FoundAnything> {
  if (!session.isLa || !session.online || typed.trim().length < 2) return NOTHING;
  const call = session.here();
  const page = { after: null, limit: 6 };
  const [users, places] = await Promise.allSettled([
    call('list_users', {
      ...page,
      search: typed,
      role: null,
      status: null,
      establishment_id: null,
      needs_attention: false,
    }),
    call('list_establishments', { ...page, search: typed, in_use: false, closed: false, in_use_first: true }),
  ]);
  return {
    ...NOTHING,
    people:
      users.status === 'fulfilled'
        ? users.value.rows.map((user) => ({
            id: user.id,
            name: `${user.first_name} ${user.last_name}`,
            detail: user.job_title || ROLES[user.role],
            role: user.role,
            may_write: user.status === 'active',
          }))
        : [],
    establishments:
      places.status === 'fulfilled'
        ? places.value.rows.map((one) => ({
            id: one.id,
            name: one.name,
            detail: [one.town, one.urn && `URN ${one.urn}`].filter(Boolean).join(', '),
          }))
        : [],
  };
}
