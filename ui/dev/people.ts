import type { Enrolment, Establishment, Pupil, User } from '../src/lib/bindings';
import { ago, empty, huge, id, long } from './scene';

const FIRST = [
  'Ruth',
  'Amir',
  'Bryony',
  'Callum',
  'Dilys',
  'Eoin',
  'Farah',
  'Gethin',
  'Hanneke',
  'Ikram',
  'Joss',
  'Kezia',
];
const LAST = ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Gorse', 'Hazel', 'Ivy', 'Juniper', 'Larch', 'Maple'];
const PLACES = ['Riverside', 'Hilltop', 'St Anne’s', 'Oakfield', 'Meadow Lane', 'Kingsmere', 'Abbey', 'Northgate'];
const KINDS = ['Primary School', 'Academy', 'High School', 'Nursery', 'Church of England Primary School', 'College'];
const TOWNS = ['Barchester', 'Silverbridge', 'Plumstead', 'Greshamsbury'];

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

export const establishments: Establishment[] = empty
  ? []
  : Array.from({ length: 3_000 }, (_, at) => ({
      id: id(1, at),
      urn: at % 97 === 5 ? null : String(100_000 + at * 7),
      name:
        long && at < 3
          ? 'The Blessed Hugh Faringdon and Saint Thomas of Canterbury Catholic Voluntary Aided Comprehensive School and Sixth Form College'
          : `${pick(PLACES, at)} ${pick(KINDS, Math.floor(at / 8))}${at >= 48 ? ` ${Math.floor(at / 48)}` : ''}`,
      type_name: pick(['Community school', 'Academy converter', 'Voluntary controlled school'], at),
      phase: pick(['Primary', 'Secondary', 'Nursery'], at),
      status: at % 41 === 7 ? 'closed' : at % 59 === 9 ? 'proposed_to_close' : 'open',
      la_name: 'Barsetshire',
      town: pick(TOWNS, at),
      postcode: `BC${(at % 20) + 1} ${(at % 9) + 1}AB`,
      address: [`${at + 1} School Lane`, pick(TOWNS, at), `BC${(at % 20) + 1} ${(at % 9) + 1}AB`],
      phone: '01632 960100',
      website: 'https://school.example.org',
      head: `${pick(FIRST, at + 3)} ${pick(LAST, at + 5)}`,
      closed_on: at % 41 === 7 ? '2025-08-31' : null,
      kind: at % 97 === 5 ? 'nursery' : null,
      ofsted_number: at % 97 === 5 ? 'EY123456' : '',
      revision: 1,
    }));

export const users: User[] = empty
  ? []
  : Array.from({ length: huge ? 100_000 : 1_200 }, (_, at) => {
      const first = long && at === 0 ? 'Wilhelmina-Alexandrina Theodora' : pick(FIRST, at);
      const last =
        long && at === 0 ? 'Featherstonehaugh-Cholmondeley-Marjoribanks' : pick(LAST, Math.floor(at / 12) + at);
      const role =
        (['designated_teacher', 'designated_teacher', 'social_worker', 'la_user'] as const)[at % 4] ?? 'la_user';
      const status = at % 9 === 4 ? 'invited' : at % 13 === 6 ? 'inactive' : 'active';
      const linked = role === 'designated_teacher' && at % 8 !== 5;
      const count = linked ? (at % 6 === 0 ? 2 : 1) : 0;
      const late = status === 'invited' && at !== 0 && at % 2 === 1;
      return {
        id: id(2, at),
        revision: 3,
        role: at === 0 ? 'la_super_user' : role,
        status: at === 0 ? 'active' : status,
        first_name: first,
        last_name: last,
        job_title: pick(['Designated Teacher', 'Deputy headteacher', 'Social worker', ''], at),
        email: `${first}.${last}${at >= 12 ? at : ''}@example.org`.toLowerCase().replaceAll(' ', '-'),
        phone: at % 3 ? '01632 960123' : '',
        links:
          at === 0
            ? []
            : Array.from({ length: count }, (_unused, link) => ({
                id: id(3, at * 4 + link),
                establishment_id: id(1, at + link),
                establishment_name: establishments[at + link]?.name ?? '',
                urn: establishments[at + link]?.urn ?? null,
                capacity: link === 0 ? ('designated_teacher' as const) : ('cover' as const),
                start: '2025-09-01',
                end: link === 1 ? '2027-07-20' : null,
              })),
        invitation:
          status === 'invited' && at !== 0
            ? {
                sent_at: ago(late ? 4_000 : 300),
                expires_at: ago(late ? 2_600 : -1_140),
                ...(at % 7 === 4 ? { undelivered: 'the mail server knows no mailbox of this name' } : {}),
              }
            : null,
        not_linked: at !== 0 && role === 'designated_teacher' && !linked,
        last_signed_in: status === 'active' ? ago((at % 5_000) * 37) : null,
        needs: [
          ...(at !== 0 && role === 'designated_teacher' && !linked ? (['not_linked'] as const) : []),
          ...(status === 'invited' && at % 7 === 4 ? (['undelivered'] as const) : []),
          ...(late ? (['invitation_expired'] as const) : []),
          ...(late && at % 3 === 1 ? (['not_taken_up'] as const) : []),
        ],
        pupils_assigned: role === 'designated_teacher' ? 0 : at % 5 === 0 ? 0 : (at % 14) + 2,
        pupils_seen: at === 0 || role === 'la_user' ? null : linked || role === 'social_worker' ? (at % 23) + 1 : 0,
      };
    });

const KNOWN = ['Tom', 'Aisha', 'Ben', 'Chloe', 'Dan', 'Ella', 'Finn', 'Grace', 'Harry', 'Isla', 'Jake', 'Keira'];
const FAMILY = ['Reed', 'Marsh', 'Brook', 'Field', 'Stone', 'Wood', 'Hill', 'Lake', 'Moor', 'Ford'];

function enrolment(at: number, number: number, start: string, end: string | null): Enrolment {
  const place = establishments[(at + number) % 60];
  return {
    id: id(5, at * 4 + number),
    establishment_id: place?.id ?? '',
    establishment_name: place?.name ?? '',
    kind: number === 3 ? 'alternative_provision' : 'main',
    start,
    end,
    visible_from: start,
  };
}

export const pupils: Pupil[] = empty
  ? []
  : Array.from({ length: 480 }, (_, at) => ({
      id: id(4, at),
      known_as:
        long && at === 0
          ? 'Maximilian-Bartholomew “Max” Featherstonehaugh-Cholmondeley'
          : `${pick(KNOWN, at)} ${pick(FAMILY, Math.floor(at / 12) + at)}`,
      legal_first_name: at % 5 === 0 ? 'Thomas' : pick(KNOWN, at),
      legal_last_name: pick(FAMILY, Math.floor(at / 12) + at),
      born: `${2010 + (at % 10)}-0${(at % 9) + 1}-14`,
      year_group: 11 - (at % 10),
      upn: at % 7 === 3 ? null : `A${String(820_000_000_000 + at * 31)}`.slice(0, 13),
      reference: `BC-${String(4_000 + at)}`,
      looked_after: at % 31 !== 4,
      ehcp: at % 4 === 0,
      social_worker:
        at % 5 === 2
          ? null
          : {
              user_id: null,
              name: `${pick(FIRST, at + 2)} ${pick(LAST, at)}`,
              team: 'Children in care, north',
              phone: '01632 960140',
            },
      caseworker: at % 3 === 0 ? 'Callum Dogwood' : null,
      mine: at % 29 === 7,
      restricted: at === 3,
      adopted: at === 11,
      enrolments:
        at === 0
          ? [
              enrolment(at, 0, '2024-09-02', '2026-12-18'),
              enrolment(at, 3, '2027-01-04', null),
              enrolment(at, 2, '2021-09-01', '2024-07-19'),
            ]
          : [enrolment(at, 0, '2024-09-02', null)],
    }));
