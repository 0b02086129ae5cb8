/** A csv on its way through the model: tallies, what the table shows, and the file to download. */

import { rows } from "./csvfile.js";
import { BOM, csvLines, problemCells, RESULT_COLUMNS, resultCells } from "./download.js";
import { LABELS } from "./labels.js";
import { patiently } from "./patience.js";
import { blocks, score } from "./scoring.js";

/** @import {Choice} from "./columns.js" */
/** @import {ByLabel, Result} from "./types.js" */
/** @import {Row} from "./csvfile.js" */

/** The table keeps so many rows, and so many characters, at most; past that the strongest stances stay. */
export const MOST_KEPT = 10_000;
const MOST_CHARACTERS = 20_000_000;
/** So that they are not sorted anew with every block. */
const SLACK = 1.2;
const PREFIX = "stance_";

/** @typedef {Result & {row: number, text: string}} Scored `row` is counted from 1, below the header */

export class Corpus {
  /** @param {Choice} choice */
  constructor(choice) {
    this.choice = choice;
    /** The version of the model that answered last: another one may be released on the way. */
    this.model = "";
    /** @type {Scored[]} */
    this.kept = [];
    this.characters = 0;
    /** @type {ByLabel} */
    this.counts = { critical: 0, neutral: 0, supportive: 0 };
    this.doubtful = 0;
    this.unsupported = 0;
    this.rows = 0;
    /** @type {{row: number, detail: string}[]} */
    this.problems = [];
    this.problemCount = 0;
    /** Share of the file that is done. */
    this.done = 0;
    this.finished = false;
    const taken = choice.header.some((name) => RESULT_COLUMNS.includes(name));
    const added = RESULT_COLUMNS.map((name) => (taken ? PREFIX + name : name));
    // As blobs, which the browser may keep on disk.
    this.parts = [new Blob([BOM, csvLines([[...choice.header, ...added]])])];
    this.blocks = this.#blocks();
    /** The block that is under way; it is sent again when the work goes on after an error. @type {Row[] | null} */
    this.block = null;
  }

  /**
   * Score what is left; after an error it can be called again.
   * @param {() => void} moved called after each block
   * @param {(seconds: number) => void} waits called before each pause
   * @param {AbortSignal} signal
   */
  async run(moved, waits, signal) {
    for (;;) {
      this.block ??= (await this.blocks.next()).value ?? null;
      if (!this.block) break;
      await this.#score(this.block, waits, signal);
      this.block = null;
      moved();
    }
    this.finished = true;
    this.done = 1;
    moved();
  }

  /** @returns {AsyncGenerator<Row[], void, void>} */
  async *#blocks() {
    const { file, encoding } = this.choice;
    let first = true;
    const body = async function* () {
      for await (const some of rows(file, encoding)) {
        yield first ? some.slice(1) : some;
        first &&= !some.length;
      }
    };
    yield* blocks(body(), (row) => this.#text(row));
  }

  /** @param {Row} row */
  #text = (row) => (row.cells[this.choice.column] ?? "").toWellFormed();

  /** @param {Row[]} block @param {(seconds: number) => void} waits @param {AbortSignal} signal */
  async #score(block, waits, signal) {
    const asked = block.filter((row) => this.#text(row).trim());
    const texts = asked.map(this.#text);
    const { answers, model } = texts.length
      ? await patiently(() => score(texts, signal), waits, signal)
      : { answers: [], model: this.model };
    signal.throwIfAborted();
    this.model = model;
    const byRow = new Map(asked.map((row, index) => [row, answers[index]]));
    this.parts.push(new Blob([csvLines(block.map((row) => this.#line(row, byRow.get(row))))]));
    this.done = block[block.length - 1].done;
    this.#prune();
  }

  /**
   * Count a row, and make its line of the download.
   * @param {Row} row
   * @param {import("./scoring.js").Answer | undefined} answer
   */
  #line(row, answer) {
    const width = this.choice.header.length;
    const cells = Array.from({ length: width }, (_, index) => row.cells[index] ?? "");
    const extra = row.cells.length > width ? `The row has ${row.cells.length} cells, the header ${width}; the rest is left out.` : "";
    this.rows++;
    if (extra) this.#problem(extra);
    if (!answer || "status" in answer) {
      const detail = answer ? answer.detail : "The text is empty.";
      this.#problem(detail);
      return [...cells, ...problemCells([detail, extra].filter(Boolean).join(" "))];
    }
    const text = this.#text(row);
    this.kept.push({ ...answer, row: this.rows, text });
    this.characters += text.length;
    if (answer.unsupported) this.unsupported++;
    else this.counts[answer.label]++;
    this.doubtful += Number(answer.doubtful);
    return [...cells, ...resultCells(answer, this.model, extra)];
  }

  /** @param {string} detail */
  #problem(detail) {
    this.problemCount++;
    if (this.problems.length < 20) this.problems.push({ row: this.rows, detail });
  }

  #prune() {
    if (this.kept.length <= SLACK * MOST_KEPT && this.characters <= SLACK * MOST_CHARACTERS) return;
    this.kept.sort((a, b) => stance(b) - stance(a));
    let characters = 0;
    const end = this.kept.findIndex((each) => (characters += each.text.length) > MOST_CHARACTERS);
    this.kept.length = Math.min(MOST_KEPT, end < 0 ? this.kept.length : end);
    this.kept.sort((a, b) => a.row - b.row);
    this.characters = this.kept.reduce((sum, each) => sum + each.text.length, 0);
  }

  /** Rows with a result. */
  get scored() {
    return LABELS.reduce((sum, label) => sum + this.counts[label], this.unsupported);
  }
}

/** How far a row is from neutral. @param {Scored} row */
const stance = ({ scores }) => Math.max(scores.critical, scores.supportive);
