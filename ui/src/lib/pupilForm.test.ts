import { describe, expect, it } from 'vitest';
import type { PupilRecord } from './bindings';
import { toFields } from './dates';
import { errorFor } from './problem';
import {
  emptyPupil,
  formOfPupil,
  judgeNewPupil,
  judgePupil,
  mergePupil,
  type Beginning,
  type PupilForm,
} from './pupilForm';

const TODAY = '2026-11-27';

const record: PupilRecord = {
  pupil: {
    id: 'p1',
    known_as: 'Tom Reed',
    legal_first_name: 'Thomas',
    legal_last_name: 'Reed',
    born: '2016-03-04',
    year_group: 5,
    upn: 'B801200005001',
    reference: 'BC-1',
    looked_after: true,
    enrolments: [],
    ehcp: true,
    social_worker: { user_id: null, name: 'Dilys Elm', team: 'North', phone: '01632 960140' },
    caseworker: 'Amir Birch',
    mine: false,
    restricted: false,
    adopted: false,
  },
  revision: 4,
  former_names: 'Thomas Thorn',
  year_group_by_hand: true,
  care_periods: [],
  caseworker: { id: 'u1', name: 'Amir Birch', role: 'la_user' },
  out_of_authority: false,
  no_school_since: '2026-10-05',
  no_school_reason: 'Waiting for a place.',
  held_from_schools_until: '2027-01-04',
  eighteen_on: '2034-03-04',
  named: [],
  barred: [],
  handover: null,
  warnings: [],
};

const fields = (form: PupilForm) => judgePupil(form, TODAY).problems.map((problem) => problem.field);

describe('the form of a pupil', () => {
  it('gives back what the record holds', () => {
    const { problems, entry } = judgePupil(formOfPupil(record), TODAY);
    expect(problems).toEqual([]);
    expect(entry).toEqual({
      legal_first_name: 'Thomas',
      legal_last_name: 'Reed',
      former_names: 'Thomas Thorn',
      known_as: 'Tom Reed',
      born: '2016-03-04',
      upn: 'B801200005001',
      reference: 'BC-1',
      year_group: 5,
      caseworker_id: 'u1',
      social_worker_id: null,
      social_worker_name: 'Dilys Elm',
      social_worker_team: 'North',
      social_worker_phone: '01632 960140',
      ehcp: true,
      out_of_authority: false,
      no_school_since: '2026-10-05',
      no_school_reason: 'Waiting for a place.',
      held_from_schools_until: '2027-01-04',
    });
  });

  it('tells everything that is missing at once, each at its field', () => {
    expect(fields(emptyPupil())).toEqual(['legal_first_name', 'legal_last_name', 'born']);
    const form = { ...formOfPupil(record), born: { day: '30', month: '2', year: '2016' }, no_school_reason: ' ' };
    const { problems } = judgePupil(form, TODAY);
    expect(errorFor(problems, 'born')).toContain('real date');
    expect(errorFor(problems, 'no_school_reason')).toContain('why');
  });

  it('refuses a birth in the future, and leaves out what is not ticked', () => {
    expect(fields({ ...formOfPupil(record), born: toFields('2026-11-28') })).toEqual(['born']);
    const { entry } = judgePupil({ ...formOfPupil(record), no_school: false, held: false, year_group: '' }, TODAY);
    expect(entry?.no_school_since).toBeNull();
    expect(entry?.no_school_reason).toBe('');
    expect(entry?.held_from_schools_until).toBeNull();
    expect(entry?.year_group).toBeNull();
  });

  it('takes a social worker with an account or a name, never both', () => {
    const form = { ...formOfPupil(record), social_worker: { id: 'u9', name: 'Eoin Fir' } };
    const { entry } = judgePupil(form, TODAY);
    expect(entry?.social_worker_id).toBe('u9');
    expect(entry?.social_worker_name).toBe('');
    const nobody = judgePupil({ ...formOfPupil(record), social_worker_name: '' }, TODAY).entry;
    expect(nobody?.social_worker_team).toBe('');
  });
});

describe('a new pupil', () => {
  const form: PupilForm = {
    ...emptyPupil(),
    legal_first_name: ' Jessica ',
    legal_last_name: 'Harding',
    born: toFields('2016-03-04'),
  };
  const beginning: Beginning = {
    in_care: true,
    care_start: toFields(TODAY),
    establishment: { id: 'e1', name: 'Riverside' },
    kind: 'main',
    school_start: toFields('2026-09-02'),
  };

  it('is asked for with its time in care and its school', () => {
    const { problems, request } = judgeNewPupil(form, beginning, TODAY);
    expect(problems).toEqual([]);
    expect(request?.legal_first_name).toBe('Jessica');
    expect(request?.care_periods).toEqual([{ start: TODAY, end: null }]);
    expect(request?.enrolments).toEqual([
      { establishment_id: 'e1', kind: 'main', start: '2026-09-02', end: null, visible_from: null },
    ]);
    expect(request && 'held_from_schools_until' in request).toBe(false);
  });

  it('needs the days of what was ticked or picked, none before the birth', () => {
    const empty = { ...beginning, care_start: toFields(null), school_start: toFields(null) };
    expect(judgeNewPupil(form, empty, TODAY).problems.map((one) => one.field)).toEqual(['care_start', 'school_start']);
    const early = { ...beginning, care_start: toFields('2016-03-03') };
    expect(judgeNewPupil(form, early, TODAY).problems.map((one) => one.field)).toEqual(['care_start']);
    const neither = { ...empty, in_care: false, establishment: null };
    expect(judgeNewPupil({ ...form, held: true }, neither, TODAY).request?.care_periods).toEqual([]);
  });
});

describe('two editors of one pupil', () => {
  it('lose nothing: theirs where it was not touched, mine where it was, and all of theirs told', () => {
    const base = formOfPupil(record);
    const theirs = { ...base, upn: '', social_worker_team: 'South', former_names: 'Tom Oak' };
    const mine = { ...base, former_names: 'Tommy Thorn', reference: 'BC-2' };
    const { form, changes } = mergePupil(base, theirs, mine);
    expect(form.upn).toBe('');
    expect(form.social_worker_team).toBe('South');
    expect(form.former_names).toBe('Tommy Thorn');
    expect(form.reference).toBe('BC-2');
    expect(changes.map((change) => [change.what, change.clashes])).toEqual([
      ['Former names', true],
      ['UPN', false],
      ['Social worker', false],
    ]);
    expect(changes[1]).toMatchObject({ before: 'B801200005001', after: 'empty' });
  });
});
