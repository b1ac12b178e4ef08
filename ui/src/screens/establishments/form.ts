import type { Establishment, EstablishmentEntry, Problem, SettingKind } from '$lib/bindings';
import { fromFields, toFields, type DayFields } from '$lib/dates';
import { invalid } from '$lib/problem';

/** What is entered about an establishment that GIAS does not know. */
export interface EstablishmentForm {
  name: string;
  kind: SettingKind | null;
  /** Line by line, as in one box. */
  address: string;
  postcode: string;
  phone: string;
  website: string;
  head: string;
  ofsted_number: string;
  closed_on: DayFields;
}

/** A form for a new one. */
export function emptyForm(): EstablishmentForm {
  return {
    name: '',
    kind: null,
    address: '',
    postcode: '',
    phone: '',
    website: '',
    head: '',
    ofsted_number: '',
    closed_on: toFields(null),
  };
}

/** One that was added by hand, as a form. */
export function formOf(one: Establishment): EstablishmentForm {
  return {
    name: one.name,
    kind: one.kind ?? 'other',
    address: one.address.filter((line) => line !== one.postcode).join('\n'),
    postcode: one.postcode,
    phone: one.phone,
    website: one.website,
    head: one.head,
    ofsted_number: one.ofsted_number,
    closed_on: toFields(one.closed_on),
  };
}

/** Two people's changes to the same form: what is typed here stays, and theirs is taken where nothing was. */
export function merge(base: EstablishmentForm, theirs: EstablishmentForm, mine: EstablishmentForm): EstablishmentForm {
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const kept = (Object.keys(mine) as (keyof EstablishmentForm)[]).filter((field) => !same(mine[field], base[field]));
  return { ...theirs, ...Object.fromEntries(kept.map((field) => [field, mine[field]])) };
}

/** What stands in the way of saving; and the entry when nothing does. */
export function judge(form: EstablishmentForm): { problems: Problem[]; entry: EstablishmentEntry | null } {
  const problems: Problem[] = [];
  if (!form.name.trim()) problems.push(invalid('name', 'Enter the name of the establishment.'));
  if (!form.kind) problems.push(invalid('kind', 'Choose what kind of establishment it is.'));
  const closed = fromFields(form.closed_on);
  if (closed === undefined)
    problems.push(invalid('closed_on', 'Enter the closing date as a real date, such as 31 8 2026.'));
  if (problems.length > 0 || !form.kind || closed === undefined) return { problems, entry: null };
  return {
    problems,
    entry: {
      name: form.name.trim(),
      kind: form.kind,
      address: form.address
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
      postcode: form.postcode.trim(),
      phone: form.phone.trim(),
      website: form.website.trim(),
      head: form.head.trim(),
      ofsted_number: form.ofsted_number.trim(),
      closed_on: closed,
    },
  };
}
