import { describe, expect, it } from 'vitest';
import type { User } from '$lib/bindings';
import { emptyLeft, judgeLeft, type LeftForm } from './left';

const worker = { id: 'u7', role: 'social_worker', first_name: 'Amir' } as User;
const staff = { id: 'u8', role: 'la_user', first_name: 'Ruth' } as User;
const left = (part: Partial<LeftForm>): LeftForm => ({ ...emptyLeft(), ...part });
const fields = (form: LeftForm, several = false) => judgeLeft(form, several).problems.map((problem) => problem.field);

describe('what becomes of the pupils of someone who leaves', () => {
  it('must be said, by somebody', () => {
    expect(fields(left({}))).toEqual(['pupils']);
    expect(judgeLeft(left({ choice: 'leave' })).decided).toEqual({ kind: 'leave' });
  });

  it('leaves nobody out when it is about one user', () => {
    expect(fields(left({ choice: 'skip' }))).toEqual(['pupils']);
    expect(judgeLeft(left({ choice: 'skip' }), true)).toEqual({ problems: [], decided: null });
  });

  it('needs a successor, and how much they read where that is not given by their role', () => {
    expect(fields(left({ choice: 'hand_over' }))).toEqual(['left-to']);
    expect(fields(left({ choice: 'hand_over', to: worker }))).toEqual(['left-reads']);
    expect(judgeLeft(left({ choice: 'hand_over', to: staff })).decided).toEqual({
      kind: 'hand_over',
      to: 'u8',
      reads_all: null,
    });
    expect(judgeLeft(left({ choice: 'hand_over', to: worker, reads: 'own' })).decided).toEqual({
      kind: 'hand_over',
      to: 'u7',
      reads_all: false,
    });
    expect(judgeLeft(left({ choice: 'hand_over', to: worker, reads: 'same' })).decided).toMatchObject({
      reads_all: null,
    });
  });
});
