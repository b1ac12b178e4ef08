import type { AddPupil, Problem, PupilEntry, PupilRecord, RecordPerson } from './bindings';
import { day, fromFields, toFields, type DayFields } from './dates';
import { mergeForms, type Change, type Part } from './merging';
import { invalid } from './problem';
import { yearGroup } from './pupils';

/** Somebody who was picked. */
export type Picked = Pick<RecordPerson, 'id' | 'name'>;

/** What is entered about a pupil, new or edited. */
export interface PupilForm {
  legal_first_name: string;
  legal_last_name: string;
  former_names: string;
  known_as: string;
  born: DayFields;
  upn: string;
  reference: string;
  /** The year group set by hand, as text; empty when it is worked out. */
  year_group: string;
  caseworker: Picked | null;
  /** The social worker, where they have an account. */
  social_worker: Picked | null;
  social_worker_name: string;
  social_worker_team: string;
  social_worker_phone: string;
  ehcp: 'yes' | 'no';
  out_of_authority: 'yes' | 'no';
  no_school: boolean;
  no_school_since: DayFields;
  no_school_reason: string;
  held: boolean;
  held_until: DayFields;
}

/** Where a new pupil is: in care from a day, at an establishment from a day. */
export interface Beginning {
  in_care: boolean;
  care_start: DayFields;
  establishment: Picked | null;
  kind: AddPupil['enrolments'][number]['kind'];
  school_start: DayFields;
}

const NONE = toFields(null);

/** A form for a new pupil. */
export function emptyPupil(): PupilForm {
  return {
    legal_first_name: '',
    legal_last_name: '',
    former_names: '',
    known_as: '',
    born: { ...NONE },
    upn: '',
    reference: '',
    year_group: '',
    caseworker: null,
    social_worker: null,
    social_worker_name: '',
    social_worker_team: '',
    social_worker_phone: '',
    ehcp: 'no',
    out_of_authority: 'no',
    no_school: false,
    no_school_since: { ...NONE },
    no_school_reason: '',
    held: false,
    held_until: { ...NONE },
  };
}

/** A pupil's record as a form. */
export function formOfPupil(record: PupilRecord): PupilForm {
  const { pupil } = record;
  const worker = pupil.social_worker;
  return {
    legal_first_name: pupil.legal_first_name ?? '',
    legal_last_name: pupil.legal_last_name ?? '',
    former_names: record.former_names,
    known_as: pupil.known_as,
    born: toFields(pupil.born),
    upn: pupil.upn ?? '',
    reference: pupil.reference ?? '',
    year_group: record.year_group_by_hand ? String(pupil.year_group) : '',
    caseworker: record.caseworker ? { id: record.caseworker.id, name: record.caseworker.name } : null,
    social_worker: worker?.user_id ? { id: worker.user_id, name: worker.name } : null,
    social_worker_name: worker && !worker.user_id ? worker.name : '',
    social_worker_team: worker?.team ?? '',
    social_worker_phone: worker?.phone ?? '',
    ehcp: pupil.ehcp ? 'yes' : 'no',
    out_of_authority: record.out_of_authority ? 'yes' : 'no',
    no_school: record.no_school_since !== null,
    no_school_since: toFields(record.no_school_since),
    no_school_reason: record.no_school_reason,
    held: record.held_from_schools_until !== null,
    held_until: toFields(record.held_from_schools_until),
  };
}

/** The day of a field that must be filled in; tells what is wrong with it. */
function needed(problems: Problem[], fields: DayFields, field: string, what: string): string | null {
  const value = fromFields(fields);
  if (value) return value;
  problems.push(
    value === null
      ? invalid(field, `Enter ${what}.`)
      : invalid(field, `Enter ${what} as a real date, such as 27 3 2016.`),
  );
  return null;
}

function judgeCore(form: PupilForm, today: string, problems: Problem[]): string | null {
  if (!form.legal_first_name.trim()) problems.push(invalid('legal_first_name', 'Enter the legal first name.'));
  if (!form.legal_last_name.trim()) problems.push(invalid('legal_last_name', 'Enter the legal last name.'));
  const born = needed(problems, form.born, 'born', 'the date of birth');
  if (born && born > today) problems.push(invalid('born', 'The date of birth is in the future. Check it.'));
  return born;
}

function held(form: PupilForm, problems: Problem[]): string | null {
  return form.held
    ? needed(problems, form.held_until, 'held_from_schools_until', 'the day from which schools may see the pupil')
    : null;
}

/** What stands in the way of saving an edit, all at once; and the entry when nothing does. */
export function judgePupil(form: PupilForm, today: string): { problems: Problem[]; entry: PupilEntry | null } {
  const problems: Problem[] = [];
  const born = judgeCore(form, today, problems);
  const since = form.no_school
    ? needed(problems, form.no_school_since, 'no_school_since', 'the day since when there has been no school place')
    : null;
  if (form.no_school && !form.no_school_reason.trim()) {
    problems.push(
      invalid('no_school_reason', 'Enter why there is no school place, such as “Waiting for a special school”.'),
    );
  }
  const until = held(form, problems);
  if (problems.length > 0 || !born) return { problems, entry: null };
  const named = form.social_worker === null ? form.social_worker_name.trim() : '';
  const worker = form.social_worker !== null || named !== '';
  return {
    problems,
    entry: {
      legal_first_name: form.legal_first_name.trim(),
      legal_last_name: form.legal_last_name.trim(),
      former_names: form.former_names.trim(),
      known_as: form.known_as.trim(),
      born,
      upn: form.upn.trim() || null,
      reference: form.reference.trim() || null,
      year_group: form.year_group === '' ? null : Number(form.year_group),
      caseworker_id: form.caseworker?.id ?? null,
      social_worker_id: form.social_worker?.id ?? null,
      social_worker_name: named,
      social_worker_team: worker ? form.social_worker_team.trim() : '',
      social_worker_phone: worker ? form.social_worker_phone.trim() : '',
      ehcp: form.ehcp === 'yes',
      out_of_authority: form.out_of_authority === 'yes',
      no_school_since: since,
      no_school_reason: form.no_school ? form.no_school_reason.trim() : '',
      held_from_schools_until: until,
    },
  };
}

/** What stands in the way of adding a pupil, all at once; and the request when nothing does. */
export function judgeNewPupil(
  form: PupilForm,
  beginning: Beginning,
  today: string,
): { problems: Problem[]; request: AddPupil | null } {
  const problems: Problem[] = [];
  const born = judgeCore(form, today, problems);
  const care = beginning.in_care ? needed(problems, beginning.care_start, 'care_start', 'the first day in care') : null;
  const school = beginning.establishment
    ? needed(problems, beginning.school_start, 'school_start', `the first day at ${beginning.establishment.name}`)
    : null;
  const until = beginning.in_care ? held(form, problems) : null;
  for (const [field, first] of [
    ['care_start', care],
    ['school_start', school],
  ] as const) {
    if (first && born && first < born)
      problems.push(invalid(field, 'This day is before the date of birth. Check both.'));
  }
  if (problems.length > 0 || !born) return { problems, request: null };
  return {
    problems,
    request: {
      legal_first_name: form.legal_first_name.trim(),
      legal_last_name: form.legal_last_name.trim(),
      known_as: form.known_as.trim(),
      born,
      upn: form.upn.trim() || null,
      reference: form.reference.trim() || null,
      care_periods: care ? [{ start: care, end: null }] : [],
      enrolments:
        beginning.establishment && school
          ? [
              {
                establishment_id: beginning.establishment.id,
                kind: beginning.kind,
                start: school,
                end: null,
                visible_from: null,
              },
            ]
          : [],
      ...(until ? { held_from_schools_until: until } : {}),
    },
  };
}

const inWords = (fields: DayFields): string => {
  const value = fromFields(fields);
  return value ? day(value) : '';
};
const yesNo = (value: 'yes' | 'no') => (value === 'yes' ? 'Yes' : 'No');

const PARTS: readonly Part<PupilForm>[] = [
  { fields: ['legal_first_name'], what: 'Legal first name', words: (form) => form.legal_first_name },
  { fields: ['legal_last_name'], what: 'Legal last name', words: (form) => form.legal_last_name },
  { fields: ['former_names'], what: 'Former names', words: (form) => form.former_names },
  { fields: ['known_as'], what: 'Known as', words: (form) => form.known_as },
  { fields: ['born'], what: 'Date of birth', words: (form) => inWords(form.born) },
  { fields: ['upn'], what: 'UPN', words: (form) => form.upn },
  { fields: ['reference'], what: 'Reference', words: (form) => form.reference },
  {
    fields: ['year_group'],
    what: 'Year group',
    words: (form) => (form.year_group === '' ? 'worked out' : yearGroup(Number(form.year_group))),
  },
  { fields: ['caseworker'], what: 'Caseworker', words: (form) => form.caseworker?.name ?? '' },
  {
    fields: ['social_worker', 'social_worker_name', 'social_worker_team', 'social_worker_phone'],
    what: 'Social worker',
    words: (form) =>
      [form.social_worker?.name ?? form.social_worker_name, form.social_worker_team, form.social_worker_phone]
        .filter(Boolean)
        .join(', '),
  },
  { fields: ['ehcp'], what: 'EHC plan', words: (form) => yesNo(form.ehcp) },
  { fields: ['out_of_authority'], what: 'Out of the authority', words: (form) => yesNo(form.out_of_authority) },
  {
    fields: ['no_school', 'no_school_since', 'no_school_reason'],
    what: 'No school place',
    words: (form) =>
      form.no_school
        ? [`since ${inWords(form.no_school_since)}`, form.no_school_reason].filter(Boolean).join(': ')
        : '',
  },
  {
    fields: ['held', 'held_until'],
    what: 'Hold from schools until',
    words: (form) => (form.held ? inWords(form.held_until) : ''),
  },
];

/** Brings together another's change of the same pupil and what is typed here. */
export function mergePupil(
  base: PupilForm,
  theirs: PupilForm,
  mine: PupilForm,
): { form: PupilForm; changes: Change[] } {
  return mergeForms(PARTS, base, theirs, mine);
}
