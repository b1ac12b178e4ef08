/** In place of Tauri's commands: answers from sample data. */
import type { Account, Draft, Role } from '../src/lib/bindings';
import type { AccountCommands, AppCommands } from '../src/lib/bindings/commands';
import { careReturns } from './careReturns';
import { aboutEstablishments } from './establishments';
import { homeAnswers } from './home';
import { incidentAnswers } from './incidents';
import { importCommands, slowness } from './importCommands';
import { establishments, pupils, users } from './people';
import * as records from './pupils';
import { reminderAnswers, terms } from './reminders';
import { ago, empty, found, has, id, page, problem, query, role, scene, theme } from './scene';
import {
  conversation,
  conversations,
  drafts,
  file,
  lists,
  notAttached,
  outbox,
  person,
  readSearch,
  recipients,
  report,
} from './talk';
import { appSecurity, second_factor, securityAnswers } from './security';
import { userAnswers } from './users';

type Answers<C extends Record<keyof C, [unknown, unknown]>> = { [K in keyof C]: (request: C[K][0]) => C[K][1] };

const online = scene !== 'offline';
const PROBLEMS: Record<string, readonly [string, string]> = {
  locked: ['locked', 'Looked After Call is locked. Give your password to unlock it.'],
  'signed-out': ['session.signed_out', 'You were signed out, because your password was changed on another computer.'],
  needed: [
    'session.second_factor_needed',
    'Your authority asks for a second step when you sign in. Set it up to go on; it takes two minutes and needs a phone.',
  ],
  keyring: ['keyring_unavailable', 'The keyring of this computer is locked or does not answer.'],
  'set-aside': ['file_set_aside', 'The file with your messages is damaged and could not be opened.'],
};

const wrong = PROBLEMS[scene];

const account = {
  id: id(0, 0),
  store_address: 'https://store.example.org',
  colour: 0,
  email: 'ruth.alder@example.org',
  authority_name:
    scene === 'long'
      ? 'The Virtual School of the Royal County of Barsetshire and the Isles'
      : 'Barsetshire Virtual School',
  me: {
    id: users[0]?.id ?? id(2, 0),
    role: role as Role,
    first_name: 'Ruth',
    last_name: scene === 'long' ? 'Featherstonehaugh-Cholmondeley' : 'Alder',
    email: 'ruth.alder@example.org',
    job_title: 'Head of the Virtual School',
    establishments: establishments.slice(1, 3).map((one) => one.id),
    authority: {
      name: 'Barsetshire Virtual School',
      danger_phone: '01632 960999',
      notification_sender: 'Secure Messages',
      offline_days: 14,
      attachment_kinds: ['pdf', 'word', 'excel', 'power_point', 'open_document', 'text', 'csv', 'image', 'email'],
      term_dates: { terms: empty ? [] : terms, unread_after_days: 3 },
      second_factor_relaxed: false,
    },
    epoch: id(0, 9),
    today: new Date().toISOString().slice(0, 10),
    notifications: { email: 'daily', unwanted: [] },
    away: null,
    lists: [],
    second_factor,
  },
  problem: wrong ? problem(wrong[0], wrong[1]) : null,
  no_keyring: false,
  sync: {
    online,
    busy: false,
    last_contact: ago(online ? 1 : 95),
    first_fetch: scene === 'fetching' ? 0.43 : null,
    waiting: online && scene !== 'locked' ? 0 : 2,
    not_sent: empty ? 0 : 3,
    unread: empty ? 0 : 12,
    reminders: empty ? 0 : 4,
    problem: online ? null : 'There is no network.',
  },
} as Account;

const app: Answers<AppCommands> = {
  app_state: () => ({
    version: '0.1.0',
    profile: '',
    store_address: scene === 'new' ? null : 'https://store.example.org',
    accounts: scene === 'new' ? [] : [account],
    settings: {
      theme,
      notifications: true,
      notices: true,
      show_sender: false,
      quiet: { from: 1080, to: 480 },
      start_with_system: false,
      shown_around: scene !== 'tour',
      undo_send: true,
    },
  }),
  save_settings: () => undefined,
  lock: () => undefined,
  still_here: () => undefined,
  look_at_store: ({ address }) => {
    if (address.includes('nowhere'))
      throw problem('not_a_store', 'What answers at this address is no store of Looked After Call. Check the address.');
    return { address: 'https://store.example.org', authority_name: 'Barsetshire Virtual School' };
  },
  look_at_invitation: ({ code }) => {
    if (code === 'old')
      throw problem(
        'invitation.expired',
        'This invitation has expired. Ask your Virtual School to send you a new one.',
      );
    return { email: 'farah.gorse@example.org', first_name: 'Farah', last_name: 'Gorse', expires_at: ago(-600) };
  },
  rate_password: ({ password }) => ({
    long_enough: password.length >= 12,
    strong_enough: password.length >= 16,
    score: Math.min(4, Math.floor(password.length / 4)),
    advice: password.length >= 16 ? '' : 'Add another word or two. Unusual words are better.',
  }),
  judge_upn: ({ text }) => {
    const upn = /^[A-Z]\d{11}[A-Z\d]$/.test(text) ? text : null;
    return {
      upn,
      error: upn ? null : `“${text}” is not a UPN. A UPN is a letter (never I, O or S), then 12 digits.`,
      warning: upn?.startsWith('A')
        ? `The first letter of the UPN ${upn} does not fit its other characters, so it may be mistyped. Check it with the school.`
        : null,
      temporary: false,
    };
  },
  visible_from: ({ start }) => ({ on: records.before(start, 14) }),
  take_up_invitation: () => account.id,
  ...appSecurity,
  sign_in: ({ password, second_factor: code }) => {
    if (code === '123456') return account.id;
    if (code)
      throw problem(
        'session.second_factor_wrong',
        'This code is wrong, or it was used already. Wait for the next one that the app shows, and enter that.',
        'code',
      );
    if (password === 'right')
      throw problem('session.second_factor_asked', 'Enter the code that your authenticator app shows now.', 'code');
    throw problem(
      'session.sign_in_failed',
      'The e-mail address and the password do not fit. Check both and try again.',
    );
  },
};

const one: Answers<AccountCommands> = {
  ...userAnswers,
  ...reminderAnswers,
  unlock: ({ password }) => {
    if (password.length < 12)
      throw problem('invalid', 'That is not the password. Check that Caps Lock is off, and try again.', 'password');
  },
  ...homeAnswers,
  ...securityAnswers,
  sign_in_again: () => undefined,
  sign_out: ({ discard_unsent }) => {
    if (!discard_unsent)
      throw problem(
        'unsent_waiting',
        'You have 2 drafts and 1 message that was not sent. They are only on this computer and would be lost.',
      );
  },
  confirm_password: ({ password }) => {
    if (password !== 'right') throw problem('session.sign_in_failed', 'This password is not right. Try again.');
    confirmed = true;
  },
  sync_now: () => account.sync,
  folder_counts: () => ({
    unread: account.sync.unread,
    notices: empty ? 0 : 1,
    drafts: drafts.length,
    waiting: account.sync.waiting,
    not_sent: account.sync.not_sent,
  }),
  read_search: ({ text }) => readSearch(text),
  export_history: ({ reason }) => {
    if (!confirmed) throw problem('session.confirm_password', 'Enter your password again to do this.');
    return reason === 'changed my mind'
      ? null
      : { path: 'C:\\Users\\farah\\Messages about Tom Reed.pdf', messages: 214 };
  },
  list_conversations: ({ folder, search, pupil_id, after, limit }) =>
    page(
      conversations.filter(
        (row) =>
          (folder !== 'unread' || row.unread > 0) &&
          (folder !== 'notices' || row.notice !== null) &&
          has(search?.replace(/\w+:("[^"]*"|\S*)/g, '').trim() ?? null, row.subject, row.with, row.excerpt) &&
          (!pupil_id || row.pupil_name === pupils.find((pupil) => pupil.id === pupil_id)?.known_as),
      ),
      after,
      limit,
    ),
  open_conversation: ({ id: which, before }) => conversation(which, before),
  mark_read: () => undefined,
  mark_unread: () => undefined,
  add_participants: () => undefined,
  leave_conversation: () => undefined,
  mute_conversation: () => undefined,
  find_recipients: ({ search, pupil_id }) => recipients(search, pupil_id),
  check_recipients: (chosen) => report(chosen),
  pupils_named: () => (query.has('names') ? pupils.slice(0, 2) : []),
  list_own_lists: () => lists,
  save_own_list: ({ name }) => {
    if (name === 'Taken') throw problem('field.invalid', 'You have a list of this name already.', 'name');
  },
  delete_own_list: () => undefined,
  get_away: () => (query.has('away') ? { until: '2027-01-05', cover: { user_id: id(2, 8), name: 'Anna Webb' } } : null),
  set_away: () => undefined,
  new_draft: ({ conversation_id, pupil_id, user_id }): Draft => ({
    id: id(9, 100),
    conversation_id,
    pupil_id,
    confidential: false,
    recipients: user_id ? [person(6)] : [],
    subject: '',
    body: '',
    saved_at: null,
    attachments: [],
  }),
  get_draft: ({ id: which }) => found(drafts.find((draft) => draft.id === which)),
  save_draft: () => new Date().toISOString(),
  list_drafts: () => drafts,
  delete_draft: () => undefined,
  send_draft: () => ({ conversation_id: id(6, 0), command_id: id(8, 30), people: 3, undo_for: 10_000 }),
  attach_files: ({ paths }) => {
    const chosen = paths?.map((path) => path.split(/[/\\]/).at(-1) ?? path) ?? ['Minutes of the meeting.pdf'];
    return {
      attachments: chosen.map((name, at) => file(20 + at, name, 'pdf', 340_000, true)),
      refused: [notAttached as never],
    };
  },
  remove_attachment: () => [],
  open_attachment: () => undefined,
  save_attachment: () => ({ path: '/home/ruth/Documents/Plan.pdf' }),
  stop_fetching: () => undefined,
  list_outbox: () => outbox,
  try_again: () => undefined,
  take_back: () => id(9, 0),
  delete_unsaved_reminder: () => undefined,
  give_up_change: () => undefined,
  list_pupils: (filter) => page(records.found(filter, has), filter.after, filter.limit),
  get_pupil: ({ id: which }) => found(pupils.find((pupil) => pupil.id === which)),
  get_pupil_record: ({ id: which }) => found(records.recordById(which)),
  add_pupil: ({ legal_last_name }) => {
    if (legal_last_name === 'Taken')
      throw problem('pupil.upn_in_use', 'Another pupil has this UPN. Check both records.', 'upn');
    return found(pupils[1]);
  },
  edit_pupil: ({ id: which, edit }) => {
    const record = found(records.recordById(which));
    if (edit.revision === 4) {
      record.revision += 1;
      record.former_names = 'Thomas Thorn';
      throw problem(
        'user.changed_meanwhile',
        'This pupil’s record was changed since you opened it: Priya Shah changed the former names at 10:42 on 27 November 2026.',
      );
    }
    return record;
  },
  change_care: ({ id: which, change: care }) =>
    records.change(which, (record) => records.changeCare(record, care.change)),
  change_enrolment: ({ id: which, change: enrolment }) =>
    records.change(which, (record) => records.changeEnrolment(record, enrolment.change)),
  change_bar: ({ id: which, change: bar }) =>
    records.change(which, (record) => {
      record.barred = record.barred.filter((user) => user.id !== bar.user_id);
      const user = users.find((one) => one.id === bar.user_id);
      if (bar.barred && user)
        record.barred.push({ id: user.id, name: `${user.first_name} ${user.last_name}`, role: user.role });
    }),
  change_restriction: ({ id: which, change: restriction }) => {
    records.change(which, (record) => {
      record.pupil.restricted = restriction.restricted;
      record.named = users
        .filter((user) => restriction.named.includes(user.id))
        .map((user) => ({ id: user.id, name: `${user.first_name} ${user.last_name}`, role: user.role }));
    });
  },
  end_handover: ({ id: which }) => records.change(which, (record) => (record.handover = null)),
  close_for_adoption: ({ id: which }) => {
    records.change(which, (record) => (record.pupil.adopted = true));
  },
  list_entitled: ({ id: which, after }) => page(records.entitled(which), after, 50),
  pupil_timeline: ({ id: which, after }) => page(records.timeline(which), after, 50),
  pupil_notes: ({ after }) => page(records.notes, after, 50),
  list_restricted_pupils: ({ after }) => page(records.restricted, after, 50),
  add_user: ({ entry }) => {
    if (entry.email.startsWith('taken'))
      throw problem(
        'user.email_in_use',
        'Another user has this e-mail address. Each user needs an address of their own.',
        'email',
      );
    if (!confirmed) throw problem('session.confirm_password', 'Give your password again first.');
    return found(users[5]);
  },
  ...aboutEstablishments,
  ...importCommands,
  ...careReturns,
  ...incidentAnswers,
};

let confirmed = false;

/** Commands that work without a store. */
const LOCAL =
  /^(folder|home$|find_anything|list_conv|open|mark|find|new|get_draft|save|list_drafts|delete|send|list_outbox|try|take|list_pupils|get_pupil$|list_establishments|get_establishment|sync|look_at_file|choose|read_search|check|pupils_named|list_own|get_away|add_part|leave|mute|give_up)/;

export async function invoke(name: string, args: { account?: string; request: never }): Promise<unknown> {
  await new Promise((resolve) => setTimeout(resolve, slowness(name)));
  if (args.account) {
    if (!online && !LOCAL.test(name))
      throw problem('offline', 'The store cannot be reached. This is shown again when you are online.');
    if (scene === 'failing' && !/folder/.test(name))
      throw problem('store.internal', 'The store failed. Try again; if it happens again, tell your IT support.');
    return structuredClone(one[name as keyof AccountCommands](args.request));
  }
  return app[name as keyof AppCommands](args.request);
}
