/** Rows sent to /v1/score in blocks, and the answers read as they come. */

import { cutOff, Problem, request } from "./api.js";

/** @import {Result} from "./types.js" */

/** Small enough for a bar that moves and a cancel that acts at once, large enough to keep the server busy. */
const MOST_ROWS = 200;
const MOST_CHARACTERS = 100_000;

/** @typedef {Result | {title: string, detail: string, status: number}} Answer */
/** @typedef {{answers: Answer[], model: string}} Scores the answers, and the version of the model that gave them */

/**
 * The results of some texts, in their order.
 * @param {string[]} texts
 * @param {AbortSignal} signal
 * @returns {Promise<Scores>}
 * @throws {Problem} also where the server was too busy for some of them only: all are then asked for again, and it
 *   remembers what it knows
 */
export async function score(texts, signal) {
  const lines = texts.map((text, id) => JSON.stringify({ id, text })).join("\n");
  const response = await request("POST", "v1/score", { lines, signal });
  /** @type {Answer[]} */
  let answers;
  try {
    answers = (await response.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  } catch (error) {
    throw error instanceof SyntaxError ? cutShort() : cutOff(error);
  }
  if (answers.length !== texts.length) throw cutShort();
  for (const answer of answers) {
    const problem = "status" in answer && new Problem(answer.status, answer.title, answer.detail);
    if (problem && problem.passing) throw problem;
  }
  return { answers, model: response.headers.get("Model-Version") ?? "" };
}

const cutShort = () => new Problem(0, "The answer was cut short", "The connection ended before all rows were answered.");

/**
 * Rows in blocks that one request can hold.
 * @template T
 * @param {AsyncIterable<T[]>} source
 * @param {(row: T) => string} textOf
 * @returns {AsyncGenerator<T[], void, void>}
 */
export async function* blocks(source, textOf) {
  /** @type {T[]} */
  let block = [];
  let characters = 0;
  for await (const rows of source) {
    for (const row of rows) {
      const length = textOf(row).length;
      if (block.length && (block.length === MOST_ROWS || characters + length > MOST_CHARACTERS)) {
        yield block;
        block = [];
        characters = 0;
      }
      block.push(row);
      characters += length;
    }
  }
  if (block.length) yield block;
}
