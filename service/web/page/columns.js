/** The step before a csv is scored: which column holds the texts, and in which encoding the file is. */

import { CsvError, rows } from "./csvfile.js";
import { byId, h } from "./dom.js";
import { encodingOf, ENCODINGS } from "./encodings.js";

/** As the command finds them, see models/formats/row.py. */
const LIKELY = ["text", "sentence", "content", "tweet", "body", "message", "post", "headline", "title"];
const SAMPLE_ROWS = 20;
const SHOWN_ROWS = 3;

/** @typedef {{file: File, encoding: string, column: number, header: string[]}} Choice */

/**
 * Let a person choose the column.
 * @param {File} file
 * @param {(choice: Choice) => void} start
 * @param {() => void} cancel
 */
export async function chooseColumn(file, start, cancel) {
  const container = byId("columns-step");
  const encoding = await encodingOf(file);
  const choose = async (/** @type {string} */ chosen) => {
    container.replaceChildren(...step(file, chosen, await sample(file, chosen), choose, start, cancel));
    container.hidden = false;
  };
  await choose(encoding);
  byId("columns-title").focus();
}

/**
 * The header and the first rows.
 * @param {Blob} file
 * @param {string} encoding
 */
async function sample(file, encoding) {
  /** @type {string[][]} */
  const found = [];
  for await (const some of rows(file, encoding)) {
    found.push(...some.slice(0, SAMPLE_ROWS).map((row) => row.cells));
    if (found.length > SHOWN_ROWS) break;
  }
  if (found.length < 2) throw new CsvError("The file has no rows. Its first line must name the columns, the others hold a text each.");
  return found.slice(0, SAMPLE_ROWS);
}

/**
 * @param {File} file
 * @param {string} encoding
 * @param {string[][]} sampled
 * @param {(encoding: string) => Promise<void>} again
 * @param {(choice: Choice) => void} start
 * @param {() => void} cancel
 */
function step(file, encoding, sampled, again, start, cancel) {
  const [header, ...body] = sampled;
  const likely = likelyColumn(header, body);
  const names = header.map((name, index) => name.trim() || `Column ${index + 1}`);
  const radios = names.map((name, index) => choice(name, index, index === likely, body));
  const form = h(
    "form",
    { novalidate: true },
    h("fieldset", {}, h("legend", {}, "Which column holds the texts?"), h("div", { class: "column-choices" }, radios)),
    h(
      "div",
      { class: "row spread" },
      h("label", { class: "encoding" }, "Encoding ", encodingSelect(encoding, again)),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "button", on: { click: cancel } }, "Cancel"),
        h("button", { type: "submit", class: "button primary" }, "Score the rows"),
      ),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const column = Number(new FormData(/** @type {HTMLFormElement} */ (form)).get("column"));
    start({ file, encoding, column, header: names });
  });
  return [h("h2", { id: "columns-title", tabindex: "-1" }, file.name), form];
}

/** @param {string} name @param {number} index @param {boolean} checked @param {string[][]} body */
function choice(name, index, checked, body) {
  const shown = body.slice(0, SHOWN_ROWS).map((cells) => h("span", { class: "example", dir: "auto" }, cells[index] || "–"));
  const radio = { type: "radio", name: "column", value: index, checked };
  return h("label", { class: "column-choice" }, h("input", radio), h("b", {}, name), shown);
}

/** @param {string} encoding @param {(encoding: string) => Promise<void>} again */
function encodingSelect(encoding, again) {
  const change = (/** @type {Event} */ event) => void again(/** @type {HTMLSelectElement} */ (event.target).value);
  const options = Object.entries(ENCODINGS).map(([value, name]) => h("option", { value, selected: value === encoding }, name));
  return h("select", { on: { change } }, options);
}

/**
 * By its name, else the column with the longest cells.
 * @param {string[]} header
 * @param {string[][]} body
 */
function likelyColumn(header, body) {
  const names = header.map((name) => name.trim().toLowerCase());
  const named = LIKELY.map((name) => names.indexOf(name)).find((index) => index >= 0);
  if (named !== undefined) return named;
  const lengths = names.map((_, index) => body.reduce((sum, cells) => sum + (cells[index] ?? "").length, 0));
  return lengths.indexOf(Math.max(...lengths));
}
