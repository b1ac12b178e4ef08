/** The file that is chosen, as `?file=` in the address says: its cells, and what its columns are recognised as. */
import type { ChosenFile, Column, ColumnChoice, FileColumn, Finding, Recognised } from '../src/lib/bindings';
import { PUPIL_HEADINGS, pupilCells, pupilRule } from './pupilFile';
import { long, scene } from './scene';
import { userCells, userFile, userRule, type DescribedFile } from './userFile';

const kind = new URLSearchParams(window.location.search).get('file') ?? 'template';
/** Whether it is a file of pupils. */
export const ofPupils = kind === 'pupils';
const described: DescribedFile = ofPupils ? { source: 'template', headings: PUPIL_HEADINGS } : userFile(kind);
export const { headings } = described;
export const ROWS = scene === 'many' ? 150_000 : 38;

/** The cells of the rows, as the file has them or as they were mended. */
export const cells: string[][] = Array.from({ length: ROWS }, (_, at) =>
  ofPupils ? pupilCells(at) : userCells(at, kind !== 'good').slice(0, Math.max(6, headings.length)),
);

/** What is found in a row. */
export function rule(row: number): Finding[] {
  const there = cells[row - 2] ?? [];
  return ofPupils ? pupilRule(row, there) : userRule(row, there, headings);
}

function columnsWith(mapping: readonly ColumnChoice[]): FileColumn[] {
  return headings.map(([heading, column], index) => {
    const chosen = mapping.find((choice) => choice.index === index);
    const state = column === 'ignored' || column === 'password' ? 'ignored' : column ? 'recognised' : 'unrecognised';
    return {
      index,
      letters: String.fromCharCode(65 + index),
      heading,
      column: chosen?.column ?? column,
      state: chosen ? (chosen.column === 'ignored' ? 'ignored' : 'chosen') : state,
    };
  });
}

function fileFinding(message: string): Finding {
  return {
    row: 1,
    column: null,
    column_index: null,
    field: null,
    value: '',
    severity: 'error',
    code: 'missing_column',
    message,
  };
}

/** What the file is recognised as, with what was said of its columns. */
export function recognisedWith(mapping: readonly ColumnChoice[]): Recognised {
  const columns = columnsWith(mapping);
  const has = (wanted: Column) => columns.some((column) => column.column === wanted);
  return {
    encoding: 'windows1252',
    delimiter: 'comma',
    source: described.source,
    heading_row: 1,
    columns,
    rows: ROWS,
    blank_rows: 2,
    sample: cells.slice(0, 5).map((row, at) => ({
      row: at + 2,
      cells: columns.map((column, index) => (column.column === 'password' ? '' : (row[index] ?? ''))),
    })),
    findings: (ofPupils ? [] : (['last_name', 'email'] as const))
      .filter((wanted) => !has(wanted))
      .map((wanted) =>
        fileFinding(
          `No column is recognised as the ${wanted === 'email' ? 'e-mail address' : 'last name'}, which every user needs.`,
        ),
      ),
  };
}

/** The file as chosen, with what was said of its columns. */
export function chosenWith(mapping: readonly ColumnChoice[]): ChosenFile {
  const name = long
    ? 'Designated teachers of the whole county as sent by the office on Thursday, final, checked (2) corrected.csv'
    : ofPupils
      ? 'children looked after.csv'
      : 'new designated teachers.csv';
  return { path: `/home/me/${name}`, name, recognised: recognisedWith(mapping) };
}
