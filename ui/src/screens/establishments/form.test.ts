import { describe, expect, it } from 'vitest';
import { emptyForm, judge, merge } from './form';

describe('an establishment added by hand', () => {
  it('needs a name and a kind, and a real closing date if any', () => {
    const { problems, entry } = judge({ ...emptyForm(), closed_on: { day: '31', month: '2', year: '2026' } });
    expect(entry).toBeNull();
    expect(problems.map((problem) => problem.field)).toEqual(['name', 'kind', 'closed_on']);
  });

  it('has its address line by line', () => {
    const { entry } = judge({
      ...emptyForm(),
      name: ' Acorn Nursery ',
      kind: 'nursery',
      address: '1 High Street\n\n Barchester \n',
    });
    expect(entry).toMatchObject({ name: 'Acorn Nursery', address: ['1 High Street', 'Barchester'], closed_on: null });
  });

  it('keeps what was typed here, and takes what another changed meanwhile', () => {
    const base = { ...emptyForm(), name: 'Acorn Nursery', phone: '1' };
    const merged = merge(base, { ...base, name: 'Acorns', phone: '2' }, { ...base, phone: '3' });
    expect(merged).toMatchObject({ name: 'Acorns', phone: '3' });
  });
});
