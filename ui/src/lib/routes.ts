/** The places of the window, as the address after `#` names them. */

export type MessageFolder = 'inbox' | 'unread' | 'drafts' | 'outbox' | 'sent' | 'notices';

/** The parts of a pupil's page besides the first. */
export type PupilPart = 'assigned' | 'sight' | 'timeline';

/** The parts of the screen of the SSDA903 return beside the first. */
export type CareReturnPart = 'proposals' | 'findings' | 'not-known';

/** The parts of Settings beside the first. */
export type SettingsPart = 'security';

/** The parts of a user's page beside their details. */
export type UserPart = 'pupils' | 'sight' | 'devices' | 'trail';

/** The pupils that Home leads to. */
export type PupilsOnly = 'no_social_worker' | 'no_school';

export type Route =
  | { screen: 'home' }
  | { screen: 'messages'; folder: MessageFolder; conversation?: string; draft?: string }
  | { screen: 'pupils'; only?: PupilsOnly }
  | { screen: 'pupil'; id: string; part?: PupilPart }
  | { screen: 'add_pupil' }
  | { screen: 'edit_pupil'; id: string }
  | { screen: 'restricted_pupils' }
  | { screen: 'care_return'; part?: CareReturnPart }
  | { screen: 'users' }
  | { screen: 'user'; id: string; part?: UserPart }
  | { screen: 'assign_pupils'; id: string }
  | { screen: 'assign_users'; id: string }
  | { screen: 'colleagues' }
  | { screen: 'ask_colleague' }
  | { screen: 'add_user' }
  | { screen: 'edit_user'; id: string }
  | { screen: 'bulk_add' }
  | { screen: 'bulk_add_pupils' }
  | { screen: 'imports' }
  | { screen: 'import'; id: string }
  | { screen: 'import_of_pupils'; id: string }
  | { screen: 'establishments'; only?: 'attention' }
  | { screen: 'establishment'; id: string }
  | { screen: 'add_establishment' }
  | { screen: 'edit_establishment'; id: string }
  | { screen: 'import_establishments' }
  | { screen: 'successions' }
  | { screen: 'reminders' }
  | { screen: 'activity' }
  | { screen: 'settings'; part?: SettingsPart }
  | { screen: 'sign_in' };

const FOLDERS: readonly MessageFolder[] = ['inbox', 'unread', 'drafts', 'outbox', 'sent', 'notices'];
/** Where the window opens. */
export const HOME: Route = { screen: 'home' };
/** Where messages begin. */
export const INBOX: Route = { screen: 'messages', folder: 'inbox' };

const PUPILS_ONLY: readonly PupilsOnly[] = ['no_social_worker', 'no_school'];

function isPupilsOnly(text: string | undefined): text is PupilsOnly {
  return PUPILS_ONLY.some((only) => only === text);
}

const USER_PARTS: readonly UserPart[] = ['pupils', 'sight', 'devices', 'trail'];

const CARE_RETURN_PARTS: readonly CareReturnPart[] = ['proposals', 'findings', 'not-known'];

function isCareReturnPart(text: string | undefined): text is CareReturnPart {
  return CARE_RETURN_PARTS.some((part) => part === text);
}

function isUserPart(text: string | undefined): text is UserPart {
  return USER_PARTS.some((part) => part === text);
}

function isFolder(text: string | undefined): text is MessageFolder {
  return FOLDERS.some((folder) => folder === text);
}

const PUPIL_PARTS: readonly PupilPart[] = ['assigned', 'sight', 'timeline'];

function isPupilPart(text: string | undefined): text is PupilPart {
  return PUPIL_PARTS.some((part) => part === text);
}

/** The address of a place. */
export function hashOf(route: Route): string {
  const id = 'id' in route ? encodeURIComponent(route.id) : '';
  switch (route.screen) {
    case 'messages': {
      const open = route.conversation ?? route.draft;
      const kind = route.conversation ? '/' : '/draft/';
      return `#/messages/${route.folder}${open ? kind + encodeURIComponent(open) : ''}`;
    }
    case 'pupils':
      return `#/pupils${route.only ? `/only/${route.only}` : ''}`;
    case 'establishments':
      return `#/establishments${route.only ? `/only/${route.only}` : ''}`;
    case 'pupil':
      return `#/pupils/${id}${route.part ? `/${route.part}` : ''}`;
    case 'edit_pupil':
      return `#/pupils/${id}/edit`;
    case 'add_pupil':
      return '#/add-pupil';
    case 'restricted_pupils':
      return '#/restricted-pupils';
    case 'care_return':
      return `#/care-return${route.part ? `/${route.part}` : ''}`;
    case 'user':
      return `#/users/${id}${route.part ? `/${route.part}` : ''}`;
    case 'assign_pupils':
      return `#/users/${id}/assign`;
    case 'assign_users':
      return `#/pupils/${id}/assign`;
    case 'ask_colleague':
      return '#/ask-for-colleague';
    case 'edit_user':
      return `#/users/${id}/edit`;
    case 'add_user':
      return '#/add-user';
    case 'bulk_add':
      return '#/bulk-add';
    case 'bulk_add_pupils':
      return '#/bulk-add-pupils';
    case 'import':
      return `#/imports/${id}`;
    case 'import_of_pupils':
      return `#/imports/${id}/pupils`;
    case 'establishment':
      return `#/establishments/${id}`;
    case 'edit_establishment':
      return `#/establishments/${id}/edit`;
    case 'add_establishment':
      return '#/add-establishment';
    case 'import_establishments':
      return '#/import-establishments';
    case 'successions':
      return '#/establishment-changes';
    case 'settings':
      return `#/settings${route.part ? `/${route.part}` : ''}`;
    case 'sign_in':
      return '#/sign-in';
    default:
      return `#/${route.screen}`;
  }
}

/** The place that an address names; home for one that names none. */
export function routeOf(hash: string): Route {
  const [screen, first, second, third] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => decodeURIComponent(part));
  switch (screen) {
    case 'messages': {
      const folder = isFolder(first) ? first : 'inbox';
      if (second === 'draft' && third) return { screen: 'messages', folder, draft: third };
      return second && second !== 'draft'
        ? { screen: 'messages', folder, conversation: second }
        : { screen: 'messages', folder };
    }
    case 'pupils':
      if (!first) return { screen: 'pupils' };
      if (first === 'only') return isPupilsOnly(second) ? { screen: 'pupils', only: second } : { screen: 'pupils' };
      if (second === 'edit') return { screen: 'edit_pupil', id: first };
      if (second === 'assign') return { screen: 'assign_users', id: first };
      return isPupilPart(second) ? { screen: 'pupil', id: first, part: second } : { screen: 'pupil', id: first };
    case 'add-pupil':
      return { screen: 'add_pupil' };
    case 'restricted-pupils':
      return { screen: 'restricted_pupils' };
    case 'care-return':
      return isCareReturnPart(first) ? { screen: 'care_return', part: first } : { screen: 'care_return' };
    case 'users':
      if (!first) return { screen: 'users' };
      if (second === 'edit') return { screen: 'edit_user', id: first };
      if (second === 'assign') return { screen: 'assign_pupils', id: first };
      return isUserPart(second) ? { screen: 'user', id: first, part: second } : { screen: 'user', id: first };
    case 'imports':
      if (!first) return { screen: 'imports' };
      return { screen: second === 'pupils' ? 'import_of_pupils' : 'import', id: first };
    case 'establishments':
      if (!first) return { screen: 'establishments' };
      if (first === 'only') {
        return second === 'attention' ? { screen: 'establishments', only: second } : { screen: 'establishments' };
      }
      return second === 'edit' ? { screen: 'edit_establishment', id: first } : { screen: 'establishment', id: first };
    case 'add-establishment':
      return { screen: 'add_establishment' };
    case 'import-establishments':
      return { screen: 'import_establishments' };
    case 'establishment-changes':
      return { screen: 'successions' };
    case 'colleagues':
      return { screen: 'colleagues' };
    case 'ask-for-colleague':
      return { screen: 'ask_colleague' };
    case 'add-user':
      return { screen: 'add_user' };
    case 'bulk-add':
      return { screen: 'bulk_add' };
    case 'bulk-add-pupils':
      return { screen: 'bulk_add_pupils' };
    case 'reminders':
      return { screen: 'reminders' };
    case 'activity':
      return { screen: 'activity' };
    case 'settings':
      return first === 'security' ? { screen: 'settings', part: 'security' } : { screen: 'settings' };
    case 'sign-in':
      return { screen: 'sign_in' };
    default:
      return HOME;
  }
}
