import type { PupilBrief } from '$lib/bindings';
import { day } from '$lib/dates';
import { yearGroup } from '$lib/pupils';

/** Year group, establishments and birthday: enough to tell two of the same name apart. */
export function pupilInShort(pupil: PupilBrief): string {
  return [
    yearGroup(pupil.year_group),
    ...pupil.establishments,
    `born ${day(pupil.born)}`,
    pupil.looked_after ? '' : 'not looked after today',
  ]
    .filter(Boolean)
    .join(', ');
}
