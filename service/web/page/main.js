/** The page, put together. */

import { call } from "./api.js";
import { chooseColumn } from "./columns.js";
import { Corrections } from "./corrections.js";
import { CorpusView } from "./corpus-view.js";
import { CsvError } from "./csvfile.js";
import { Detail } from "./detail.js";
import { byId, h } from "./dom.js";
import { Input } from "./input.js";
import { showModel } from "./model.js";
import { clearNotices, complain, failed } from "./notices.js";
import { Reading } from "./reading.js";
import { recall, remember } from "./session.js";

/** @import {Choice} from "./columns.js" */
/** @import {Model} from "./types.js" */

/** As the server has them by default, until it has told its own. */
const corrections = new Corrections({ max_texts: 1024, max_characters: 10_000 });
const detail = new Detail(corrections);
const reading = new Reading(detail, corrections);
/** @type {CorpusView | null} */
let view = null;
/** @type {Promise<Model | null>} */
let model = load();
const input = new Input((text) => void readText(text), readTable, explained);
reading.again = readText;

/** @param {string} text */
async function readText(text) {
  leaveTable();
  const whole = text.toWellFormed();
  input.text = whole;
  remember("text", whole);
  byId("input").hidden = await reading.read(whole);
  void answered(reading.answer?.model);
}

/** The panel tells of the model that answers, also after another one was released. @param {string | undefined} version */
async function answered(version) {
  const shown = await model;
  if (version && version !== shown?.version) model = load();
}

/** @param {File} file */
function readTable(file) {
  leave();
  byId("input").hidden = true;
  chooseColumn(file, (choice) => void score(choice), leave).catch((error) => {
    leave();
    explained(error);
  });
}

/** @param {Choice} choice */
async function score(choice) {
  byId("columns-step").hidden = true;
  view = new CorpusView(choice, detail, corrections, leave, answered);
  await view.run();
}

/** Back to where a text is pasted. */
function leave() {
  clearNotices();
  leaveTable();
  reading.leave();
  byId("input").hidden = false;
  byId("text").focus();
}

function leaveTable() {
  view?.cancel();
  view = null;
  detail.close();
  byId("table").hidden = true;
  byId("columns-step").hidden = true;
}

/** A file that cannot be read is no fault of the page. @param {unknown} error */
function explained(error) {
  const told = error instanceof CsvError || (error instanceof Error && error.constructor === Error);
  if (!told) {
    failed(error);
    return;
  }
  complain([error.message]);
}

/** Show the model in its panel, or else why it cannot be shown. @returns {Promise<Model | null>} */
async function load() {
  const body = byId("about-body");
  try {
    /** @type {Model} */
    const found = await call("GET", "v1/model");
    corrections.limits = found.limits;
    input.longest = found.limits.max_document_characters;
    input.tell();
    showModel(body, found);
    return found;
  } catch (error) {
    const again = () => void (model = load());
    body.replaceChildren(
      h("p", { class: "hint" }, `It cannot be shown. ${error instanceof Error ? error.message : error}`),
      h("button", { type: "button", class: "button", on: { click: again } }, "Try again"),
    );
    return null;
  }
}

byId("edit").addEventListener("click", leave);
byId("save-sentences").addEventListener("click", () => reading.save());
byId("print").addEventListener("click", () => print());
// A csv takes minutes, and what is not yet saved would be lost with the page.
addEventListener("beforeunload", (event) => {
  if (view?.unsaved) event.preventDefault();
});
if (recall("text")) void readText(recall("text"));
