import type {
  Capacity,
  Establishment,
  Link,
  LinkEntry,
  LinkId,
  Problem,
  Role,
  User,
  UserEntry,
  UserStatus,
} from './bindings';
import { CAPACITIES, ROLES, USER_STATUSES } from './bindings/words';
import { day, fromFields, toFields, type DayFields } from './dates';
import { mergeForms, type Change, type Part } from './merging';
import { invalid } from './problem';

/** A link as it stands in the form. */
export interface LinkForm {
  /** Tells it from the others in the form. */
  key: string;
  id: LinkId | null;
  establishment_id: string;
  name: string;
  /** Town and URN, or what is known of them. */
  detail: string;
  capacity: Capacity;
  start: DayFields;
  end: DayFields;
}

/** What is entered about a user. */
export interface UserForm {
  role: Role | null;
  first_name: string;
  last_name: string;
  job_title: string;
  email: string;
  phone: string;
  links: LinkForm[];
  status: UserStatus;
}

/** A form for someone new. */
export function emptyForm(): UserForm {
  return {
    role: null,
    first_name: '',
    last_name: '',
    job_title: '',
    email: '',
    phone: '',
    links: [],
    status: 'invited',
  };
}

/** Only a Designated Teacher is linked to establishments. */
export function isLinked(role: Role | null): boolean {
  return role === 'designated_teacher';
}

function linkForm(link: Link): LinkForm {
  return {
    key: link.id,
    id: link.id,
    establishment_id: link.establishment_id,
    name: link.establishment_name,
    detail: link.urn ? `URN ${link.urn}` : '',
    capacity: link.capacity,
    start: toFields(link.start),
    end: toFields(link.end),
  };
}

/** A user as a form. */
export function formOf(user: User): UserForm {
  return {
    role: user.role,
    first_name: user.first_name,
    last_name: user.last_name,
    job_title: user.job_title,
    email: user.email,
    phone: user.phone,
    links: user.links.map(linkForm),
    status: user.status,
  };
}

let links = 0;

/** A link to be made with an establishment that was picked. */
export function newLink(establishment: Establishment): LinkForm {
  links += 1;
  return {
    key: `new-${links}`,
    id: null,
    establishment_id: establishment.id,
    name: establishment.name,
    detail: establishmentDetail(establishment),
    capacity: 'designated_teacher',
    start: toFields(null),
    end: toFields(null),
  };
}

/** Town, postcode and URN, in short. */
export function establishmentDetail(establishment: Establishment): string {
  return [
    [establishment.town, establishment.postcode].filter(Boolean).join(' '),
    establishment.urn ? `URN ${establishment.urn}` : '',
    establishment.status === 'closed' ? 'Closed' : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** What stands in the way of naming someone: names and an e-mail address in the right form. */
export function judgePerson(person: { first_name: string; last_name: string; email: string }): Problem[] {
  const problems: Problem[] = [];
  if (!person.first_name.trim()) problems.push(invalid('first_name', 'Enter a first name.'));
  if (!person.last_name.trim()) problems.push(invalid('last_name', 'Enter a last name.'));
  if (!person.email.trim()) problems.push(invalid('email', 'Enter an e-mail address.'));
  else if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(person.email.trim())) {
    problems.push(invalid('email', 'Enter an e-mail address in the right form, such as name@example.org.'));
  }
  return problems;
}

function judgeLink(link: LinkForm, at: number, problems: Problem[]): LinkEntry | null {
  const [start, end] = [fromFields(link.start), fromFields(link.end)];
  const wrong = (part: 'start' | 'end', message: string) => {
    problems.push(invalid(`links-${at}-${part}`, message));
  };
  if (start === undefined) wrong('start', `Enter the first day at ${link.name} as a real date, such as 27 3 2026.`);
  if (end === undefined) wrong('end', `Enter the last day at ${link.name} as a real date, such as 27 3 2026.`);
  if (start && end && end < start) wrong('end', `The last day at ${link.name} cannot be before the first day.`);
  if (start === undefined || end === undefined) return null;
  return { id: link.id, establishment_id: link.establishment_id, capacity: link.capacity, start, end };
}

/** What stands in the way of saving, all at once; and the entry when nothing does. */
export function judge(form: UserForm): { problems: Problem[]; entry: UserEntry | null } {
  const problems: Problem[] = form.role ? [] : [invalid('role', 'Choose a role.')];
  problems.push(...judgePerson(form));
  const entries: LinkEntry[] = [];
  for (const [at, link] of (isLinked(form.role) ? form.links : []).entries()) {
    const entry = judgeLink(link, at, problems);
    if (entry) entries.push(entry);
  }
  if (problems.length > 0 || !form.role) return { problems, entry: null };
  return {
    problems,
    entry: {
      role: form.role,
      first_name: form.first_name.trim(),
      last_name: form.last_name.trim(),
      job_title: form.job_title.trim(),
      email: form.email.trim(),
      phone: form.phone.trim(),
      links: entries,
    },
  };
}

/** The statuses that may follow one. */
export function nextStatuses(status: UserStatus): readonly (readonly [UserStatus, string])[] {
  switch (status) {
    case 'active':
      return [
        ['active', 'Active'],
        ['inactive', 'Inactive: cannot sign in'],
      ];
    case 'inactive':
      return [
        ['inactive', 'Inactive: cannot sign in'],
        ['invited', 'Invited: may come back with a new invitation'],
      ];
    default:
      return [
        ['invited', 'Invited'],
        ['inactive', 'Inactive: cannot sign in'],
      ];
  }
}

function linksInWords(form: UserForm): string {
  return (
    form.links
      .map((link) => {
        const [start, end] = [fromFields(link.start), fromFields(link.end)];
        const days = [start ? `from ${day(start)}` : '', end ? `until ${day(end)}` : ''].filter(Boolean).join(' ');
        return `${link.name} (${CAPACITIES[link.capacity]}${days ? `, ${days}` : ''})`;
      })
      .sort()
      .join('; ') || 'none'
  );
}

const PARTS: readonly Part<UserForm>[] = [
  { fields: ['role'], what: 'Role', words: (form) => (form.role ? ROLES[form.role] : '') },
  { fields: ['first_name'], what: 'First name', words: (form) => form.first_name },
  { fields: ['last_name'], what: 'Last name', words: (form) => form.last_name },
  { fields: ['job_title'], what: 'Job title', words: (form) => form.job_title },
  { fields: ['email'], what: 'E-mail address', words: (form) => form.email },
  { fields: ['phone'], what: 'Telephone', words: (form) => form.phone },
  { fields: ['links'], what: 'Establishments', words: linksInWords },
  { fields: ['status'], what: 'Status', words: (form) => USER_STATUSES[form.status] },
];

/** Brings together another's change of the same user and what is typed here. */
export function merge(base: UserForm, theirs: UserForm, mine: UserForm): { form: UserForm; changes: Change[] } {
  return mergeForms(PARTS, base, theirs, mine);
}
