import { describe, expect, it } from 'vitest';
import { hashOf, HOME, INBOX, routeOf, type Route } from './routes';

const ROUTES: Route[] = [
  { screen: 'home' },
  { screen: 'messages', folder: 'inbox' },
  { screen: 'messages', folder: 'outbox', conversation: 'c1' },
  { screen: 'messages', folder: 'drafts', draft: 'd1' },
  { screen: 'pupils' },
  { screen: 'pupils', only: 'no_school' },
  { screen: 'pupils', only: 'no_social_worker' },
  { screen: 'pupil', id: 'a/b ü' },
  { screen: 'pupil', id: 'p1', part: 'assigned' },
  { screen: 'pupil', id: 'p1', part: 'sight' },
  { screen: 'pupil', id: 'p1', part: 'timeline' },
  { screen: 'add_pupil' },
  { screen: 'edit_pupil', id: 'p1' },
  { screen: 'restricted_pupils' },
  { screen: 'care_return' },
  { screen: 'care_return', part: 'not-known' },
  { screen: 'users' },
  { screen: 'user', id: 'u1' },
  { screen: 'user', id: 'u1', part: 'sight' },
  { screen: 'assign_pupils', id: 'u1' },
  { screen: 'assign_users', id: 'p1' },
  { screen: 'colleagues' },
  { screen: 'ask_colleague' },
  { screen: 'edit_user', id: 'u1' },
  { screen: 'add_user' },
  { screen: 'bulk_add' },
  { screen: 'bulk_add_pupils' },
  { screen: 'imports' },
  { screen: 'import', id: 'i1' },
  { screen: 'import_of_pupils', id: 'i1' },
  { screen: 'establishments' },
  { screen: 'establishments', only: 'attention' },
  { screen: 'establishment', id: 'e1' },
  { screen: 'reminders' },
  { screen: 'activity' },
  { screen: 'settings' },
  { screen: 'settings', part: 'security' },
  { screen: 'sign_in' },
];

describe('the places of the window', () => {
  it.each(ROUTES)('$screen is found again by its address', (route) => {
    expect(routeOf(hashOf(route))).toEqual(route);
  });

  it('each have an address of their own', () => {
    expect(new Set(ROUTES.map(hashOf)).size).toBe(ROUTES.length);
  });

  it('lead home from an address that names none', () => {
    for (const hash of ['', '#', '#/', '#/nowhere']) {
      expect(routeOf(hash), hash).toEqual(HOME);
    }
    for (const hash of ['#/messages', '#/messages/spam']) expect(routeOf(hash), hash).toEqual(INBOX);
    expect(routeOf('#/pupils/only/nobody')).toEqual({ screen: 'pupils' });
    expect(routeOf('#/messages/sent/draft')).toEqual({ screen: 'messages', folder: 'sent' });
  });
});
