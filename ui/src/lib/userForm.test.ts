import { describe, expect, it } from 'vitest';
import type { User } from './bindings';
import { emptyForm, formOf, judge, merge, nextStatuses } from './userForm';
import { errorFor } from './problem';

const user: User = {
  id: 'u1',
  revision: 3,
  role: 'designated_teacher',
  status: 'active',
  first_name: 'Ann',
  last_name: 'Lee',
  job_title: 'Teacher',
  email: 'ann.lee@example.org',
  phone: '',
  links: [
    {
      id: 'l1',
      establishment_id: 'e1',
      establishment_name: 'Riverside Primary School',
      urn: '100007',
      capacity: 'designated_teacher',
      start: '2025-09-01',
      end: null,
    },
  ],
  invitation: null,
  not_linked: false,
  last_signed_in: null,
  needs: [],
  pupils_assigned: 0,
  pupils_seen: 2,
};

describe('what is entered about a user', () => {
  it('names everything that is missing at once', () => {
    const { problems, entry } = judge(emptyForm());
    expect(entry).toBeNull();
    expect(problems.map((problem) => problem.field)).toEqual(['role', 'first_name', 'last_name', 'email']);
    expect(errorFor(problems, 'email')).toBe('Enter an e-mail address.');
    expect(errorFor(problems, 'phone')).toBeNull();
  });

  it('comes back as it was when nothing was changed', () => {
    const { entry, problems } = judge(formOf(user));
    expect(problems).toEqual([]);
    expect(entry?.links).toEqual([
      { id: 'l1', establishment_id: 'e1', capacity: 'designated_teacher', start: '2025-09-01', end: null },
    ]);
  });

  it('refuses a date that is none, and says at which establishment', () => {
    const form = formOf(user);
    const [link] = form.links;
    if (link) link.end = { day: '31', month: '2', year: '2027' };
    expect(errorFor(judge(form).problems, 'links-0-end')).toContain('last day at Riverside Primary School');
  });

  it('refuses a last day before the first, at its field', () => {
    const form = formOf(user);
    const [link] = form.links;
    if (link) link.end = { day: '31', month: '8', year: '2025' };
    expect(judge(form).problems.map((problem) => problem.field)).toEqual(['links-0-end']);
  });

  it('leaves links out for a role that has none', () => {
    expect(judge({ ...formOf(user), role: 'la_user' }).entry?.links).toEqual([]);
  });
});

describe('the statuses that may follow', () => {
  it('are those that the store takes', () => {
    expect(nextStatuses('active').map(([status]) => status)).toEqual(['active', 'inactive']);
    expect(nextStatuses('invited').map(([status]) => status)).toEqual(['invited', 'inactive']);
    expect(nextStatuses('inactive').map(([status]) => status)).toEqual(['inactive', 'invited']);
  });
});

describe('a user whom someone else changed meanwhile', () => {
  const base = formOf(user);

  it('keeps what is typed here and takes what was not touched', () => {
    const theirs = formOf({ ...user, job_title: 'Headteacher', phone: '01632 960123' });
    const { form, changes } = merge(base, theirs, { ...base, job_title: 'Deputy' });
    expect([form.job_title, form.phone]).toEqual(['Deputy', '01632 960123']);
    expect(changes).toEqual([
      { what: 'Job title', before: 'Teacher', after: 'Headteacher', clashes: true },
      { what: 'Telephone', before: 'empty', after: '01632 960123', clashes: false },
    ]);
  });

  it('does not clash when both made the same change', () => {
    const theirs = formOf({ ...user, last_name: 'Reed' });
    const { changes } = merge(base, theirs, { ...base, last_name: 'Reed' });
    expect(changes).toEqual([{ what: 'Last name', before: 'Lee', after: 'Reed', clashes: false }]);
  });

  it('tells of links in words', () => {
    const { form, changes } = merge(base, formOf({ ...user, links: [] }), base);
    expect(form.links).toEqual([]);
    expect(changes).toEqual([
      {
        what: 'Establishments',
        before: 'Riverside Primary School (Designated Teacher, from 1 September 2025)',
        after: 'none',
        clashes: false,
      },
    ]);
  });
});
