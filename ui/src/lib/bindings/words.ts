// Written by a test of lac-client; do not edit.
import type { Capacity, EnrolmentKind, EstablishmentStatus, Role, UserStatus } from './index';

export const CAPACITIES: Record<Capacity, string> = {
  designated_teacher: 'Designated Teacher',
  deputy: 'Deputy',
  cover: 'Cover',
  headteacher: 'Headteacher',
  office: 'Office',
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

export const USER_STATUSES: Record<UserStatus, string> = {
  invited: 'Invited',
  active: 'Active',
  inactive: 'Inactive',
};
