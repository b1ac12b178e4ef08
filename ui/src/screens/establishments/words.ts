import type { Establishment, Succession } from '$lib/bindings';
import { SETTING_KINDS } from '$lib/bindings/words';
import { day } from '$lib/dates';

/** What an establishment is, as GIAS names it, or as it was added. */
export function typeOf(one: Establishment): string {
  return one.kind ? SETTING_KINDS[one.kind] : one.type_name;
}

/** `Northfield School became Northfield Academy on 1 September 2024` */
export function whatHappened(one: Succession): string {
  const on = one.on ? ` on ${day(one.on)}` : '';
  switch (one.kind) {
    case 'became':
      return `${one.from.name} became ${one.to.name}${on}`;
    case 'merged':
      return `${one.from.name} merged into ${one.to.name}${on}`;
    case 'split':
      return `${one.from.name} was split, and ${one.to.name} is a part of it${on}`;
    default:
      return `${one.to.name} came after ${one.from.name}${on}`;
  }
}
