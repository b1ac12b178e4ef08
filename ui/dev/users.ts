/** Users, links, assignments and requests for colleagues, over sample data. */
import type {
  Assignment,
  ColleagueRequest,
  Page,
  PupilBrief,
  Sight,
  TrailRow,
  User,
  UserAction,
  UserBrief,
  UserCounts,
  UserDevice,
  UserFilter,
} from '../src/lib/bindings';
import type { AccountCommands } from '../src/lib/bindings/commands';
import { establishments, pupils, users } from './people';
import { ago, empty, found, has, id, page, problem, role } from './scene';

const user = (which: string) => found(users.find((one) => one.id === which));

function brief(one: User): UserBrief {
  const { id: which, first_name, last_name, role: as, status, job_title } = one;
  return { id: which, first_name, last_name, role: as, status, job_title };
}

const briefs: PupilBrief[] = pupils.map((pupil) => ({
  id: pupil.id,
  known_as: pupil.known_as,
  born: pupil.born,
  year_group: pupil.year_group,
  looked_after: pupil.looked_after,
  establishments: [...new Set(pupil.enrolments.slice(0, 1).map((one) => one.establishment_name))],
}));

function matches(one: User, filter: UserFilter): boolean {
  return (
    has(filter.search, `${one.first_name} ${one.last_name}`, one.email, one.job_title) &&
    (!filter.role || one.role === filter.role) &&
    (!filter.status || one.status === filter.status) &&
    (!filter.establishment_id || one.links.some((link) => link.establishment_id === filter.establishment_id)) &&
    (!filter.needs_attention || one.needs.length > 0) &&
    (!filter.attention || one.needs.includes(filter.attention))
  );
}

function sorted(rows: User[], filter: UserFilter): User[] {
  const by: Record<string, (one: User) => string> = {
    role: (one) => one.role,
    status: (one) => one.status,
    last_signed_in: (one) => one.last_signed_in ?? '',
  };
  const key = by[filter.sort ?? 'name'] ?? ((one: User) => `${one.last_name} ${one.first_name}`);
  const up = rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  return filter.descending ? up.reverse() : up;
}

function counts(filter: UserFilter): UserCounts {
  const all = users.filter((one) => matches(one, { ...filter, needs_attention: false, attention: undefined }));
  const needing = (need: string) => all.filter((one) => (one.needs as string[]).includes(need)).length;
  return {
    total: users.filter((one) => matches(one, filter)).length,
    not_linked: needing('not_linked'),
    not_invited: needing('not_invited'),
    undelivered: needing('undelivered'),
    invitation_expired: needing('invitation_expired'),
    not_taken_up: needing('not_taken_up'),
  };
}

const assigned = new Map<string, Assignment[]>();

function assignments(which: string): Assignment[] {
  const one = user(which);
  const known = assigned.get(which);
  if (known) return known;
  const made: Assignment[] = briefs.slice(3, 3 + one.pupils_assigned).map((pupil, at) => ({
    id: id(12, at),
    user: brief(one),
    pupil,
    start: at === 1 ? '2027-01-04' : '2025-09-01',
    end: at === 2 ? '2027-07-20' : null,
    reads_all: at % 3 !== 0,
  }));
  assigned.set(which, made);
  return made;
}

/** Who is assigned to a pupil: social workers, other professionals and LA users, one of them no longer. */
function assignmentsOf(which: string): Assignment[] {
  const pupil = briefs.find((one) => one.id === which);
  if (!pupil) return [];
  return users
    .filter((one) => one.role !== 'designated_teacher')
    .slice(0, 6)
    .map((one, at) => ({
      id: id(16, at),
      user: brief(one),
      pupil,
      start: at === 1 ? '2027-01-04' : '2025-09-01',
      end: at === 2 ? '2027-07-20' : at === 4 ? '2026-02-13' : null,
      reads_all: at % 2 === 0,
    }));
}

function sight(which: string): Sight[] {
  const one = user(which);
  const place = one.links[0]?.establishment_name ?? '';
  return briefs.slice(0, one.pupils_seen ?? 0).map((pupil, at) => ({
    pupil,
    reason: at % 9 === 4 ? { kind: 'handover' as const, id: id(1, at) } : { kind: 'enrolment' as const, id: id(1, at) },
    why:
      one.role !== 'designated_teacher'
        ? 'Assigned to this pupil since 1 September 2025.'
        : at % 9 === 4
          ? `Was at ${place}, and the next school has not begun: seen from there until 3 January 2027.`
          : `Linked to ${place} as Designated Teacher since 1 September 2025.`,
    establishment_name: place,
    capacity: 'designated_teacher',
    from: '2025-09-01',
    until: at % 9 === 4 ? '2027-01-03' : null,
    reads_all: true,
    since: ago(9_000 + at),
  }));
}

const devices: UserDevice[] = [
  { session_id: id(14, 1), name: 'SCHOOL-LAPTOP-17', since: ago(30_000), last_used_at: ago(12) },
  { session_id: id(14, 2), name: 'Home computer', since: ago(9_000), last_used_at: ago(3_000) },
];

const DID = [
  ['Signed in', null],
  ['Read the history of a pupil', 'Tom Reed'],
  ['Changed the e-mail address and the job title of a user', 'Amir Birch'],
  ['Linked a user to an establishment', 'Amir Birch, Hilltop Primary School'],
  ['Sent the invitation again', 'Amir Birch'],
  ['Was refused what their role does not allow', null],
] as const;
const trail: TrailRow[] = empty
  ? []
  : Array.from({ length: 120 }, (_, at) => ({
      number: 9_000 - at,
      at: ago(at * 190 + 7),
      by: at % 6 === 2 ? 'Priya Shah' : at % 11 === 5 ? null : 'Amir Birch',
      what: DID[at % DID.length]?.[0] ?? '',
      about: DID[at % DID.length]?.[1] ?? null,
      import_id: at % 17 === 3 ? id(11, 0) : null,
    }));

let requests: ColleagueRequest[] = empty
  ? []
  : (['waiting', 'waiting', 'waiting', 'approved', 'refused'] as const).map((state, at) => ({
      id: id(13, at),
      asked_by: id(2, 1),
      asked_by_name: 'Amir Birch',
      asked_at: ago(at * 1_700 + 40),
      establishment_id: id(1, 1),
      establishment_name: establishments[1]?.name ?? '',
      first_name: ['Nadia', 'Owen', 'Petra', 'Rhys', 'Sima'][at] ?? '',
      last_name: ['Rowan', 'Sorrel', 'Teasel', 'Umber', 'Vetch'][at] ?? '',
      email: `colleague${at}@example.org`,
      job_title: at % 2 ? '' : 'Deputy headteacher',
      state,
      decided_at: state === 'waiting' ? null : ago(at * 900),
      decided_by: state === 'waiting' ? null : 'Ruth Alder',
      reason: state === 'refused' ? 'She left the school in July.' : null,
      existing: at === 1 && users[9] ? brief(users[9]) : at === 2 && users[10] ? brief(users[10]) : null,
    }));

function decide(which: string, state: 'approved' | 'refused', reason: string | null): ColleagueRequest {
  requests = requests.map((one) =>
    one.id === which ? { ...one, state, reason, decided_at: ago(0), decided_by: 'Ruth Alder' } : one,
  );
  return found(requests.find((one) => one.id === which));
}

let action: UserAction | null = null;
let failures: { user_id: string; name: string; why: string }[] = [];

function running(): UserAction {
  const now = found(action);
  if (now.state !== 'running') return now;
  const failed = failures.length;
  const done = Math.min(now.total - failed, now.done + Math.max(1, Math.ceil(now.total / 6)));
  const over = done === now.total - failed;
  action = { ...now, done, failed: over ? failed : Math.floor(failed / 2), state: over ? 'done' : 'running' };
  return action;
}

/** What the commands about users answer. */
export const userAnswers = {
  list_users: (filter: UserFilter): Page<User> =>
    page(
      sorted(
        users.filter((one) => matches(one, filter)),
        filter,
      ),
      filter.after,
      filter.limit,
    ),
  count_users: counts,
  get_user: ({ id: which }: { id: string }) => user(which),
  look_up_email: ({ email }: { email: string }) =>
    users.filter((one) => one.email.startsWith(email.toLowerCase())).slice(0, 5),
  edit_user: ({ id: which, edit }: AccountCommands['edit_user'][0]): User => {
    const one = user(which);
    if (edit.status === 'inactive' && one.pupils_assigned > 0 && !edit.pupils && one.role === 'social_worker')
      throw problem(
        'user.pupils_undecided',
        'Choose who takes them over, or say that you leave them without.',
        'pupils',
      );
    if (edit.revision === one.revision && one.role === 'designated_teacher') {
      one.revision += 1;
      one.job_title = 'Assistant headteacher';
      const message =
        'Someone else changed this user since you opened them. See what changed, then save yours again or take theirs.';
      throw {
        ...problem('user.changed_meanwhile', message),
        changed: { revision: one.revision, changes: [{ by: 'Priya Shah', at: ago(3), fields: ['job_title'] }] },
      };
    }
    return one;
  },
  invite_user: ({ id: which }: { id: string }) => user(which),
  act_on_users: ({ which: whom, act }: AccountCommands['act_on_users'][0]): UserAction => {
    const chosen =
      whom.kind === 'these'
        ? users.filter((one) => whom.ids.includes(one.id))
        : users.filter((one) => whom.kind === 'matching' && matches(one, whom.filter) && !whom.except.includes(one.id));
    failures = chosen
      .filter((one) => (act.kind === 'invite' ? one.status !== 'invited' : one.role === 'la_super_user'))
      .map((one) => ({
        user_id: one.id,
        name: `${one.first_name} ${one.last_name}`,
        why:
          act.kind === 'invite'
            ? `${one.first_name} has signed in already, so there is nothing to invite them to.`
            : 'You cannot take your own role away or make yourself inactive. Ask another LA Super User.',
      }));
    action = {
      id: id(15, 0),
      act,
      state: 'running',
      total: chosen.length,
      done: 0,
      failed: 0,
      begun_by: 'Ruth Alder',
      begun_at: ago(0),
      ended_at: null,
    };
    return action;
  },
  get_user_action: running,
  cancel_user_action: (): UserAction => (action = { ...found(action), state: 'cancelled' }),
  list_action_failures: ({ page: { after, limit } }: AccountCommands['list_action_failures'][0]) =>
    page(failures, after, limit),
  list_user_assignments: ({ user_id, filter }: AccountCommands['list_user_assignments'][0]) =>
    page(
      assignments(user_id).filter((one) => has(filter.search, one.pupil.known_as)),
      filter.after,
      filter.limit,
    ),
  list_assignable_pupils: ({ user_id, filter }: AccountCommands['list_assignable_pupils'][0]) =>
    page(
      briefs.filter(
        (pupil) => has(filter.search, pupil.known_as) && !assignments(user_id).some((one) => one.pupil.id === pupil.id),
      ),
      filter.after,
      filter.limit,
    ),
  list_pupil_assignments: ({ pupil_id, filter }: AccountCommands['list_pupil_assignments'][0]): Page<Assignment> =>
    page(
      assignmentsOf(pupil_id).filter(
        (one) =>
          has(filter.search, one.user.first_name, one.user.last_name) &&
          (filter.ended || one.end === null || one.end >= '2026-03-01'),
      ),
      filter.after,
      filter.limit,
    ),
  list_assignable_users: ({ filter }: AccountCommands['list_assignable_users'][0]) =>
    page(
      users.filter((one) => one.role !== 'designated_teacher' && has(filter.search, one.first_name, one.last_name)),
      filter.after,
      filter.limit,
    ),
  change_assignments: ({ add, change, remove }: AccountCommands['change_assignments'][0]) => ({
    added: add.length,
    changed: change.length,
    removed: remove.length,
  }),
  hand_over_pupils: ({ user_id }: AccountCommands['hand_over_pupils'][0]) => ({
    pupils: user(user_id).pupils_assigned,
    had_already: 1,
  }),
  add_link: ({ user_id }: AccountCommands['add_link'][0]) => user(user_id),
  change_link: ({ id: which }: { id: string }) =>
    found(users.find((one) => one.links.some((link) => link.id === which))),
  remove_link: ({ id: which }: { id: string }) =>
    found(users.find((one) => one.links.some((link) => link.id === which))),
  user_sight: ({ id: which, page: { after, limit } }: AccountCommands['user_sight'][0]) => {
    const one = user(which);
    const all = one.pupils_seen === null;
    return {
      ...page(all ? [] : sight(which), after, limit),
      sees_all: all,
      summary: all
        ? `${one.first_name} works for the authority and sees every pupil, but those who are restricted or barred to them.`
        : one.links.length > 0
          ? `${one.first_name} is linked to ${one.links.length === 1 ? '1 establishment' : `${one.links.length} establishments`} today.`
          : `${one.first_name} is not linked to an establishment today, and no pupil is assigned.`,
    };
  },
  list_user_devices: ({ id: which }: { id: string }) => (user(which).last_signed_in ? devices : []),
  sign_out_user: ({ sign_out }: AccountCommands['sign_out_user'][0]) =>
    sign_out.session_id ? devices.filter((one) => one.session_id !== sign_out.session_id) : [],
  list_trail: ({ action, after, limit }: AccountCommands['list_trail'][0]) =>
    page(
      trail.filter((row) => !action || row.what === DID[Number(action)]?.[0]),
      after,
      limit,
    ),
  list_trail_actions: () => DID.map(([words], at) => ({ action: String(at), words })),
  save_trail: () => ({ path: '/home/ruth/Documents/Audit trail.csv' }),
  list_user_trail: ({ page: { after, limit } }: AccountCommands['list_user_trail'][0]) => page(trail, after, limit),
  ask_for_colleague: (asked: AccountCommands['ask_for_colleague'][0]): ColleagueRequest => {
    const request: ColleagueRequest = {
      ...found(requests[0]),
      ...asked,
      id: id(13, requests.length),
      asked_at: ago(0),
      existing: null,
    };
    requests = [request, ...requests];
    return request;
  },
  list_colleague_requests: ({ state, after, limit }: AccountCommands['list_colleague_requests'][0]) =>
    page(
      requests
        .filter((one) => !state || one.state === state)
        .map((one) => (role === 'designated_teacher' ? { ...one, decided_by: null, existing: null } : one)),
      after,
      limit,
    ),
  count_colleague_requests: () => ({ waiting: requests.filter((one) => one.state === 'waiting').length }),
  approve_colleague: ({ id: which }: { id: string }) => decide(which, 'approved', null),
  refuse_colleague: ({ id: which, refuse }: AccountCommands['refuse_colleague'][0]) =>
    decide(which, 'refused', refuse.reason),
};
