/** The model, in words that a reader of its labels needs: version, training, how good it is, limits. */

import { counted, fill, h, number } from "./dom.js";
import { LABELS } from "./labels.js";

/** @import {Estimate, Measured, Model} from "./types.js" */

/** What the sets and columns of the model's metrics are, for people. @type {Record<string, string>} */
const SETS = {
  "gold-dev": "real sentences that it had never seen",
  "written test": "sentences written for this project, which flatter it",
};
/** @type {Record<string, string>} */
const COLUMNS = { source: "source", lang: "language", length: "length in words", register: "kind of text", theatre: "region" };
/** @type {Record<string, string>} */
const SOURCES = { written: "written for this project", headlines_ru: "headlines", news: "from the news", tweets: "from social media" };
/** @type {Record<string, string>} */
const SLICES = { latam: "Latin America", mideast: "Middle East", none: "no region", oped: "opinion pieces", pairs: "sentences in pairs", thinktank: "think tanks" };
/** A share of fewer rows says next to nothing. */
const FEW = 20;

/**
 * @param {HTMLElement} container
 * @param {Model} model
 */
export function showModel(container, model) {
  const sets = Object.entries(model.metrics.sets ?? {});
  fill(
    container,
    h(
      "div",
      { class: "about-grid" },
      h("div", {}, h("h3", {}, "What it is"), ...whatItIs(model)),
      h("div", {}, h("h3", {}, "How good it is"), ...(sets.length ? howGood(model, sets) : [h("p", {}, "It was not measured.")])),
      h("div", {}, h("h3", {}, "What it cannot do"), limits(model)),
    ),
    ...sets.map(([name, measured]) => slices(name, measured)),
  );
}

/** @param {Model} model */
function* whatItIs(model) {
  const languages = new Intl.DisplayNames("en", { type: "language" });
  yield h("p", {}, "Version ", h("b", {}, model.version), `, a language model (${model.base}) trained to tell three labels apart.`);
  const trained = Object.entries(model.trained_on);
  const total = trained.reduce((sum, [, labels]) => sum + sumOf(labels), 0);
  if (total) {
    yield h("p", {}, `It learned from ${number(total)} labelled sentences:`);
    const lines = trained.map(([source, labels]) => [sumOf(labels), SOURCES[source] ?? source]);
    yield h("ul", {}, lines.map(([count, name]) => h("li", {}, `${number(Number(count))} ${name}`)));
  }
  yield h("p", {}, `It reads ${new Intl.ListFormat("en").format(model.languages.map((code) => languages.of(code) ?? code))}.`);
}

/** @param {Record<string, number>} labels */
const sumOf = (labels) => Object.values(labels).reduce((sum, count) => sum + count, 0);

/** @param {Model} model @param {[string, Measured][]} sets */
function* howGood(model, sets) {
  const [name, { overall }] = sets[0];
  yield h("p", {}, `On ${number(overall.rows)} ${SETS[name] ?? `rows of “${name}”`}, it gave the label that people gave in ${outOf(overall.accuracy)}.`);
  yield h(
    "ul",
    {},
    LABELS.filter((label) => overall.labels[label]?.precision && overall.labels[label]?.recall).map((label) => {
      const { precision, recall } = overall.labels[label];
      return h("li", {}, `When it says ${label}, it is right in ${outOf(precision)}. It finds ${outOf(recall)} ${label} sentences.`);
    }),
  );
  yield h(
    "p",
    {},
    `It called ${outOf(overall.doubtful)} doubtful. Counting all labels that it held possible, the right one was among them in ${outOf(overall.coverage)}; it is made for ${Math.round(model.coverage * 100)}.`,
  );
  if (model.metrics.made) yield h("p", { class: "hint" }, `Measured on ${model.metrics.made}. Brackets hold 95% intervals.`);
}

/** @param {Estimate | null} estimate */
const outOf = (estimate) => (estimate ? `${hundred(estimate.value)} of 100 [${hundred(estimate.low)} to ${hundred(estimate.high)}]` : "–");

/** @param {number} share */
const hundred = (share) => Math.round(share * 100);

/** @param {Model} model */
function limits(model) {
  return h(
    "ul",
    {},
    h("li", {}, "It reads one sentence at a time. What stands before it, who wrote it and where, it does not see."),
    h("li", {}, "Irony, quotations without a speaker and sentences that say two things are hard for it."),
    h("li", {}, "In news most sentences are neutral, so that even few errors among them are many among those it calls critical or supportive. Read these yourself."),
    h("li", {}, `It reads at most ${number(model.max_length)} pieces of words of a sentence; a longer one is marked as cut off.`),
    h("li", {}, "Names, slogans and topics newer than its training may be read wrongly."),
    h("li", {}, "Do not use it to rate, moderate or accuse anybody. People quote, joke and change their minds."),
  );
}

/** @param {string} name @param {Measured} measured */
function slices(name, measured) {
  const title = `How good by slice, on ${counted(measured.overall.rows, "row")}: ${SETS[name] ?? name}`;
  const tables = Object.entries(measured.by)
    .filter(([, found]) => Object.keys(found).length > 1)
    .map(([column, found]) => sliceTable(COLUMNS[column] ?? column, found));
  return tables.length ? h("details", { class: "slices" }, h("summary", {}, title), h("div", { class: "slice-tables" }, tables)) : null;
}

/** @param {string} column @param {Record<string, import("./types.js").SliceFigures>} found */
function sliceTable(column, found) {
  const large = Object.entries(found).filter(([, { rows, accuracy }]) => rows >= FEW && accuracy);
  const small = Object.keys(found).length - large.length;
  return h(
    "div",
    {},
    h(
      "table",
      {},
      h("caption", {}, `By ${column}`),
      h("thead", {}, h("tr", {}, ["", "rows", "right of 100"].map((name) => h("th", { scope: "col" }, name)))),
      h(
        "tbody",
        {},
        large.map(([value, { rows, accuracy }]) =>
          h("tr", {}, h("th", { scope: "row" }, named(column, value)), h("td", {}, number(rows)), h("td", {}, short(accuracy))),
        ),
      ),
    ),
    small > 0 && h("p", { class: "hint" }, `${counted(small, "slice")} of fewer than ${FEW} rows left out.`),
  );
}

/** @param {Estimate | null} estimate */
const short = (estimate) => (estimate ? `${hundred(estimate.value)} [${hundred(estimate.low)}–${hundred(estimate.high)}]` : "–");

/** @param {string} column @param {string} value */
function named(column, value) {
  if (column === COLUMNS.lang) return new Intl.DisplayNames("en", { type: "language", fallback: "code" }).of(value) ?? value;
  return (SLICES[value] ?? value.replaceAll("_", " ")).replace(/^./, (letter) => letter.toUpperCase());
}
