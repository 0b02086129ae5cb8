/**
 * A csv file, read in slices so that a file of any size takes little memory.
 *
 * Papa Parse can slice a file itself, but cuts through letters of several bytes, which Cyrillic and Arabic ones are;
 * so the slices are decoded here, and it gets whole letters.
 */

import { decoder } from "./encodings.js";
import { Papa } from "./papa.js";

const SLICE = 256 * 1024;
/** A row that is longer has an opened quote that is never closed. */
const LONGEST_ROW = 4 * 1024 * 1024;
const DELIMITERS = [",", ";", "\t", "|"];
/** Found in no text: a file of one column has no delimiter. */
const NONE = "\u001f";

/** @typedef {{cells: string[], done: number}} Row a row, and the share of the file that is read with it */

export class CsvError extends Error {}

/**
 * The rows of a file, the header first; empty ones are left out.
 * @param {Blob} file
 * @param {string} encoding
 * @returns {AsyncGenerator<Row[], void, void>}
 */
export async function* rows(file, encoding) {
  const decode = decoder(encoding);
  let rest = "";
  let delimiter = "";
  for (let at = 0; at < file.size; at += SLICE) {
    const end = Math.min(at + SLICE, file.size);
    const last = end === file.size;
    rest += decode(await file.slice(at, end).arrayBuffer(), last);
    if (!delimiter && !last && !/[\r\n]/.test(rest) && rest.length < LONGEST_ROW) continue;
    delimiter ||= delimiterOf(rest);
    const { found, used } = parsed(rest, delimiter, last);
    const length = rest.length;
    rest = rest.slice(used);
    if (rest.length > LONGEST_ROW) {
      throw new CsvError("A row has more than four million characters. Look for a quotation mark that is never closed.");
    }
    yield found.map((row) => ({ cells: row.cells, done: (at + ((end - at) * row.cursor) / length) / file.size }));
  }
}

/**
 * The rows of a text, but for the last one where more is to come: it may go on.
 * @param {string} text
 * @param {string} delimiter
 * @param {boolean} last
 */
function parsed(text, delimiter, last) {
  /** @type {{cells: string[], cursor: number}[]} */
  const all = [];
  Papa.parse(text, { delimiter, step: ({ data, meta }) => void all.push({ cells: data, cursor: meta.cursor }) });
  const whole = last ? all : all.slice(0, -1);
  return { found: whole.filter((row) => row.cells.some((cell) => cell.trim())), used: whole.at(-1)?.cursor ?? 0 };
}

/**
 * What parts the header's names, since the texts below it hold commas of their own.
 * @param {string} text
 */
function delimiterOf(text) {
  const unquoted = text.replace(/(?<=^|[,;\t|\r\n])"[^"]*(?:""[^"]*)*"/g, "").replace(/^[\r\n]+/, "");
  const header = unquoted.slice(0, unquoted.search(/[\r\n]|$/));
  /** @param {string} delimiter */
  const times = (delimiter) => header.split(delimiter).length - 1;
  const most = DELIMITERS.reduce((best, each) => (times(each) > times(best) ? each : best));
  return times(most) ? most : NONE;
}
