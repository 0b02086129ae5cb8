/** Files to keep: a table as csv, made in the tab. */

import { h } from "./dom.js";
import { LABELS } from "./labels.js";
import { Papa } from "./papa.js";

/** @import {Result, Sentence, Votes} from "./types.js" */

/** Without it, spreadsheets take UTF-8 for something else. */
export const BOM = "\ufeff";
const LINE_END = "\r\n";
/** What a spreadsheet would take for a formula, and no number: as service/spreadsheet.py has it, after OWASP. */
const FORMULA = /^(?![+-]?\d{1,30}([.,]\d{1,30})?([eE][+-]?\d{1,3})?%?$)(\s*[=+\-@|\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;

/** As `ru-stance score` names them; `problem` says why a row has no label. */
export const RESULT_COLUMNS = [
  "label", "confidence", ...LABELS, "prediction_set", "doubtful", "truncated", "unsupported", "model", "problem",
];

/**
 * The cells of a result, in the order of RESULT_COLUMNS.
 * @param {Result} result
 * @param {string} model
 * @param {string} [problem]
 */
export const resultCells = (result, model, problem = "") => [
  result.label,
  result.scores[result.label],
  ...LABELS.map((label) => result.scores[label]),
  result.prediction_set.join("|"),
  result.doubtful,
  result.truncated,
  result.unsupported,
  model,
  problem,
];

/** The cells of a row without a result. @param {string} problem */
export const problemCells = (problem) => [...RESULT_COLUMNS.slice(1).map(() => ""), problem];

/**
 * Lines of csv, each ended. Who uses the page opens them in a spreadsheet, and other people wrote the texts: a cell that
 * would be a formula gets an apostrophe in front. `ru-stance score` writes files for programs, with cells as they are.
 * @param {unknown[][]} rows
 */
export const csvLines = (rows) => Papa.unparse(rows, { newline: LINE_END, escapeFormulae: FORMULA }) + LINE_END;

/**
 * The sentences of a text as csv.
 * @param {Sentence[]} sentences
 * @param {string} model
 * @param {Map<string, Votes>} votes
 */
export function sentencesCsv(sentences, model, votes) {
  const header = ["text", "start", "end", ...RESULT_COLUMNS.slice(0, -1), "corrected"];
  const rows = sentences.map((sentence) => [
    sentence.text,
    sentence.start,
    sentence.end,
    ...resultCells(sentence, model).slice(0, -1),
    votes.get(sentence.text)?.labels.map((vote) => vote.label).join("|") ?? "",
  ]);
  return csvLines([header, ...rows]);
}

/**
 * Let the browser save a file.
 * @param {BlobPart[]} parts
 * @param {string} name
 */
export function save(parts, name) {
  const url = URL.createObjectURL(new Blob(parts, { type: "text/csv;charset=utf-8" }));
  h("a", { href: url, download: name }).click();
  // The browser has to begin reading before the address goes.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
