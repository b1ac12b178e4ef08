import type {
  CareChange,
  EnrolmentChange,
  EntitledUser,
  Pupil,
  PupilFilter,
  PupilNote,
  PupilRecord,
  RecordPerson,
  RestrictedPupil,
  TimelineEntry,
} from '../src/lib/bindings';
import { day } from '../src/lib/dates';
import { standing } from '../src/lib/pupils';
import { establishments, pupils, users } from './people';
import { ago, empty, id, problem } from './scene';

const TODAY = new Date().toISOString().slice(0, 10);

/** The day that lies so many days before a day, or after it where the number is negative. */
export function before(value: string, days: number): string {
  return new Date(Date.parse(value) - days * 86_400_000).toISOString().slice(0, 10);
}

const person = (at: number): RecordPerson => {
  const user = users[at] ?? users[0];
  return user
    ? { id: user.id, name: `${user.first_name} ${user.last_name}`, role: user.role }
    : { id: id(2, at), name: 'Somebody', role: 'la_user' };
};

function recordOf(pupil: Pupil, at: number): PupilRecord {
  const first = pupil.known_as.split(' ')[0] ?? '';
  const old = pupil.enrolments[0];
  return {
    pupil,
    revision: 4,
    former_names: at % 6 === 0 ? `${first} Thorn` : '',
    year_group_by_hand: at % 9 === 8,
    care_periods: [
      ...(pupil.looked_after ? [{ id: id(7, at * 3), start: '2024-06-11', end: null, end_reason: null }] : []),
      {
        id: id(7, at * 3 + 1),
        start: '2021-02-08',
        end: '2022-08-19',
        end_reason: 'returned_home' as const,
      },
    ],
    caseworker: at % 3 === 0 ? person(3) : null,
    out_of_authority: at % 8 === 5,
    no_school_since: at === 4 ? '2026-10-05' : null,
    no_school_reason: at === 4 ? 'Waiting for a place at a special school.' : '',
    held_from_schools_until: at === 2 ? before(TODAY, -20) : null,
    eighteen_on: at === 0 ? before(TODAY, -48) : `${Number(pupil.born.slice(0, 4)) + 18}${pupil.born.slice(4)}`,
    named: at === 3 ? [person(0), person(3)] : [],
    barred: at === 0 ? [person(1)] : [],
    handover:
      at === 0 && old
        ? {
            establishment_id: old.establishment_id,
            establishment_name: old.establishment_name,
            until: before(TODAY, -37),
            sentence: `${old.establishment_name} can still see ${first} until ${day(before(TODAY, -37))}.`,
          }
        : null,
    warnings:
      at === 0 ? ['The first letter of the UPN does not fit its digits. Check it against the school’s record.'] : [],
  };
}

const records = new Map(pupils.map((pupil, at) => [pupil.id, recordOf(pupil, at)]));

export function recordById(which: string): PupilRecord | undefined {
  return records.get(which);
}

/** Changes a record as a store would, and answers with it. */
export function change(which: string, how: (record: PupilRecord) => void): PupilRecord {
  const record = records.get(which);
  if (!record) throw problem('not_found', 'It is no longer there, or you may not see it.');
  how(record);
  record.revision += 1;
  return record;
}

export function changeCare(record: PupilRecord, care: CareChange): void {
  if (care.kind === 'remove') record.care_periods = record.care_periods.filter((one) => one.id !== care.id);
  else if (care.kind === 'add') {
    record.care_periods.unshift({ id: id(7, 9_000 + record.revision), end_reason: null, ...care.entry });
  } else {
    record.care_periods = record.care_periods.map((one) =>
      one.id === care.id ? { ...one, end_reason: null, ...care.entry } : one,
    );
  }
  record.pupil.looked_after = record.care_periods.some((one) => one.start <= TODAY && (!one.end || one.end > TODAY));
}

export function changeEnrolment(record: PupilRecord, asked: EnrolmentChange): void {
  const { pupil } = record;
  if (asked.kind === 'remove' || asked.kind === 'cancel_move') {
    pupil.enrolments = pupil.enrolments.filter((one) => one.id !== asked.id);
    return;
  }
  const { entry } = asked;
  const there = pupil.enrolments.find(
    (one) =>
      one.establishment_id === entry.establishment_id &&
      (asked.kind === 'add' || one.id !== asked.id) &&
      (!one.end || entry.start <= one.end),
  );
  if (there) {
    throw problem(
      'pupil.dates',
      `This overlaps another enrolment at ${there.establishment_name}, from ${day(there.start)}. Change that one instead.`,
      'start',
    );
  }
  const made = {
    ...entry,
    establishment_name: establishments.find((one) => one.id === entry.establishment_id)?.name ?? '',
    visible_from: entry.visible_from ?? before(entry.start, 14),
  };
  if (asked.kind === 'change') {
    pupil.enrolments = pupil.enrolments.map((one) => (one.id === asked.id ? { ...made, id: one.id } : one));
  } else {
    if (asked.moves) {
      for (const one of pupil.enrolments) {
        if (one.kind === 'main' && standing(one, TODAY) === 'now') one.end = before(entry.start, 1);
      }
    }
    pupil.enrolments.push({ ...made, id: id(5, 9_000 + record.revision) });
  }
}

export function found(filter: PupilFilter, has: (search: string | null, ...texts: (string | null)[]) => boolean) {
  const here = (pupil: Pupil) => pupil.enrolments.filter((one) => standing(one, TODAY) === 'now');
  const rows = pupils.filter(
    (pupil) =>
      has(filter.search, pupil.known_as, pupil.upn, ...pupil.enrolments.map((one) => one.establishment_name)) &&
      (!filter.establishment_id || here(pupil).some((one) => one.establishment_id === filter.establishment_id)) &&
      (filter.year_group === undefined || pupil.year_group === filter.year_group) &&
      (filter.looked_after === undefined || pupil.looked_after === filter.looked_after) &&
      (!filter.no_school || here(pupil).length === 0) &&
      (!filter.no_social_worker || !pupil.social_worker) &&
      (!filter.mine || pupil.mine),
  );
  if (filter.sort === 'youngest') return rows.sort((a, b) => b.born.localeCompare(a.born));
  if (filter.sort === 'oldest') return rows.sort((a, b) => a.born.localeCompare(b.born));
  return rows.sort((a, b) => Number(b.mine) - Number(a.mine));
}

export function entitled(which: string): EntitledUser[] {
  const pupil = pupils.find((one) => one.id === which);
  if (!pupil) return [];
  const old = pupil.enrolments[0];
  return users
    .filter((user) => user.role !== 'la_user' && user.role !== 'la_super_user')
    .slice(0, 7)
    .map((user, at) => ({
      id: user.id,
      name: `${user.first_name} ${user.last_name}`,
      role: user.role,
      job_title: user.job_title,
      why:
        user.role === 'social_worker'
          ? 'Assigned to this pupil.'
          : `Linked to ${old?.establishment_name ?? ''}, where ${pupil.known_as} is enrolled.`,
      since: ago(90_000 * (at + 1)),
      until: at % 3 === 1 ? before(TODAY, -60) : null,
      reads_all: at % 4 !== 2,
    }));
}

export function timeline(which: string): TimelineEntry[] {
  const record = records.get(which);
  if (!record) return [];
  const { pupil } = record;
  const lines: TimelineEntry[] = [];
  const add = (on: string, kind: TimelineEntry['kind'], text: string) =>
    lines.push({ on, kind, text, coming: on > TODAY });
  for (const one of record.care_periods) {
    add(one.start, 'care', 'Came into care.');
    if (one.end) add(one.end, 'care', 'Left care: returned home.');
  }
  for (const one of pupil.enrolments) {
    add(one.start, 'school', `Began at ${one.establishment_name}.`);
    if (one.end) add(one.end, 'school', `Last day at ${one.establishment_name}.`);
  }
  add('2024-07-01', 'assignment', 'Assigned to Dilys Elm, Social Worker.');
  return lines.sort((a, b) => b.on.localeCompare(a.on));
}

export const notes: PupilNote[] = empty
  ? []
  : [
      { at: ago(42), who: 'Ruth Alder', text: 'Changed the last day at Riverside Primary School to 18 December 2026.' },
      {
        at: ago(3_000),
        who: 'Callum Dogwood',
        text: 'Added an enrolment at Oakfield Primary School from 4 January 2027.',
      },
      { at: ago(90_000), who: null, text: 'Imported from the file “pupils november.csv”.' },
    ];

export const restricted: RestrictedPupil[] = empty
  ? []
  : [
      { id: id(4, 3), created_at: ago(200_000), named: [person(0), person(3)], names_reader: true },
      { id: id(4, 9_999), created_at: ago(410_000), named: [person(7)], names_reader: false },
    ];
