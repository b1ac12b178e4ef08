// Written by a test of lac-client; do not edit.
import type { AttachmentKind, Capacity, CareEndReason, EnrolmentKind, EstablishmentStatus, Role, SettingKind, UserStatus } from './index';

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

export const USER_STATUSES: Record<UserStatus, string> = {
  invited: 'Invited',
  active: 'Active',
  inactive: 'Inactive',
};
