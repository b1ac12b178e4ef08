// Written by a test of lac-client; do not edit.
import type { AttachmentKind, Capacity, CareEndReason, EmailFrequency, EnrolmentKind, EstablishmentStatus, NoticeKind, ReminderKind, Repeat, Role, SettingKind, TermName, UserStatus } from './index';

export const ATTACHMENT_KINDS: Record<AttachmentKind, string> = {
  pdf: 'PDF',
  word: 'Word document',
  excel: 'Excel workbook',
  power_point: 'PowerPoint presentation',
  old_office: 'Word, Excel or PowerPoint 97–2003 file',
  open_document: 'OpenDocument file',
  text: 'Text',
  csv: 'CSV file',
  image: 'Picture',
  email: 'E-mail',
  macro_document: 'Document with macros',
  archive: 'ZIP archive',
  other: 'Another kind of file',
};

export const CAPACITIES: Record<Capacity, string> = {
  designated_teacher: 'Designated Teacher',
  deputy: 'Deputy',
  cover: 'Cover',
  headteacher: 'Headteacher',
  office: 'Office',
};

export const CARE_END_REASONS: Record<CareEndReason, string> = {
  returned_home: 'Returned home',
  special_guardianship: 'Special guardianship order',
  child_arrangements: 'Child arrangements order',
  adopted: 'Adopted',
  independent_living: 'Moved into independent living',
  transferred: 'Care taken over by another authority',
  custody: 'Sentenced to custody',
  eighteen: 'Turned 18',
  died: 'Died',
  other: 'Another reason',
};

export const EMAIL_FREQUENCIES: Record<EmailFrequency, string> = {
  at_once: 'At once',
  hourly: 'Every hour',
  daily: 'Every day',
  weekly: 'Every week',
};

export const ENROLMENT_KINDS: Record<EnrolmentKind, string> = {
  main: 'Main',
  dual: 'Dual',
  guest: 'Guest',
  alternative_provision: 'Alternative Provision',
  tuition: 'Tuition',
};

export const ESTABLISHMENT_STATUSES: Record<EstablishmentStatus, string> = {
  open: 'Open',
  proposed_to_close: 'Open, but proposed to close',
  proposed_to_open: 'Proposed to open',
  closed: 'Closed',
};

export const NOTICE_KINDS: Record<NoticeKind, string> = {
  new_to_care: 'A child is new to care',
  school_move: 'A child changes school',
  new_child: 'A child is new for you',
  access_ends: 'Your access to a child ends',
  new_establishment: 'An establishment is linked to you',
  bulk_add_finished: 'A bulk add is finished',
  other: 'Another notice',
};

export const REMINDER_KINDS: Record<ReminderKind, string> = {
  own: 'Your own',
  term: 'School term',
  message_unread: 'Message not read',
  invitations_waiting: 'Invitations not taken up',
  not_linked: 'Designated Teachers not linked',
  nobody_to_read: 'Nobody to read a message',
};

export const REPEATS: Record<Repeat, string> = {
  daily: 'Every day',
  weekly: 'Every week',
  monthly: 'Every month',
  termly: 'Every term',
};

export const ROLES: Record<Role, string> = {
  designated_teacher: 'Designated Teacher',
  social_worker: 'Social Worker',
  other_professional: 'Other Professional',
  la_user: 'LA User',
  la_super_user: 'LA Super User',
};

export const SETTING_KINDS: Record<SettingKind, string> = {
  nursery: 'Nursery',
  tutor: 'Tutor',
  hospital_school: 'Hospital school',
  school_in_scotland: 'School in Scotland',
  school_in_wales: 'School in Wales',
  other: 'Other',
};

export const TERM_NAMES: Record<TermName, string> = {
  autumn: 'Autumn term',
  spring: 'Spring term',
  summer: 'Summer term',
};

export const USER_STATUSES: Record<UserStatus, string> = {
  invited: 'Invited',
  active: 'Active',
  inactive: 'Inactive',
};
