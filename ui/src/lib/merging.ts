/** A change that someone else made meanwhile: in what, from what, to what. */
export interface Change {
  what: string;
  before: string;
  after: string;
  /** Whether the same was changed here too, so that what is typed here stands against theirs. */
  clashes: boolean;
}

/** A part of a form that is taken as a whole: its fields, what it is called, and how it reads. */
export interface Part<F> {
  fields: readonly (keyof F)[];
  what: string;
  words: (form: F) => string;
}

/**
 * Brings together what someone else changed meanwhile and what is typed here: what was not touched here is taken
 * from them, what was touched here is kept, and every change of theirs is told.
 */
export function mergeForms<F extends object>(
  parts: readonly Part<F>[],
  base: F,
  theirs: F,
  mine: F,
): { form: F; changes: Change[] } {
  const form = { ...mine };
  const changes: Change[] = [];
  for (const { fields, what, words } of parts) {
    const [before, after, typed] = [words(base), words(theirs), words(mine)];
    const touched = typed !== before;
    if (before !== after) {
      changes.push({ what, before: before || 'empty', after: after || 'empty', clashes: touched && typed !== after });
    }
    if (!touched) for (const field of fields) form[field] = theirs[field];
  }
  return { form, changes };
}
