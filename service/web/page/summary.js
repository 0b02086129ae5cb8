/** The document taken together: its lean with the interval, and how many sentences have which label. */

import { counted, h, number, percent, svg } from "./dom.js";
import { LABELS } from "./labels.js";
import { sharesBar } from "./shares.js";

/** @import {Label, Sentence, Summary} from "./types.js" */

/** Under so many sentences the interval is too narrow, as the API says of it. */
const FEW = 10;

/**
 * @param {HTMLElement} container
 * @param {Summary} summary
 * @param {number} total all sentences
 * @param {(wanted: (sentence: Sentence) => boolean) => void} goTo called to go to the next sentence of a kind
 */
export function showSummary(container, summary, total, goTo) {
  const [low, high] = summary.lean_interval;
  const clear = low > 0 || high < 0;
  const word = clear ? `Leans ${summary.lean > 0 ? "supportive" : "critical"}` : "No clear lean";
  const read = total - summary.unsupported;
  const side = clear ? (summary.lean > 0 ? "supportive" : "critical") : null;
  container.replaceChildren(
    h(
      "div",
      { class: "lean" },
      h("p", { class: "lean-word", "data-side": side }, read ? word : "Nothing to read"),
      h(
        "p",
        { class: "lean-figure" },
        read
          ? `${signed(summary.lean)} on a scale from −1 to +1; 95% interval ${signed(low)} to ${signed(high)}.`
          : "No sentence is in one of the model’s languages.",
        read > 0 && read < FEW && " With so few sentences it says little.",
      ),
      read > 0 && leanPicture(summary),
    ),
    h(
      "div",
      { class: "counts" },
      h("p", { class: "counts-head" }, counted(total, "sentence")),
      read > 0 && sharesBar(summary.counts),
      h(
        "ul",
        { class: "count-list" },
        LABELS.map((label) => count(label, summary.counts[label], summary.shares[label], goTo)),
        other("doubtful", summary.doubtful, (sentence) => sentence.doubtful, goTo, "of them "),
        other("not read", summary.unsupported, (sentence) => sentence.unsupported, goTo),
        other("cut off", summary.truncated, (sentence) => sentence.truncated, goTo),
      ),
    ),
  );
}

/** @param {number} value */
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

/**
 * @param {Label} label
 * @param {number} found
 * @param {number} share
 * @param {(wanted: (sentence: Sentence) => boolean) => void} goTo
 */
function count(label, found, share, goTo) {
  const go = () => goTo((sentence) => sentence.label === label && !sentence.unsupported);
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "count", disabled: !found, title: `Go to the next ${label} sentence`, on: { click: go } },
      h("span", { class: "swatch", "data-label": label, "aria-hidden": "true" }),
      h("b", {}, number(found)),
      ` ${label} `,
      h("span", { class: "quiet" }, percent(share)),
    ),
  );
}

/**
 * @param {string} name
 * @param {number} found
 * @param {(sentence: Sentence) => boolean} wanted
 * @param {(wanted: (sentence: Sentence) => boolean) => void} goTo
 * @param {string} [among] told before the name of those that are counted with a label, too
 */
function other(name, found, wanted, goTo, among = "") {
  if (!found) return null;
  const title = `Go to the next sentence that is ${name}`;
  const button = { type: "button", class: "count", title, on: { click: () => goTo(wanted) } };
  return h("li", { class: "apart" }, h("button", button, h("b", {}, number(found)), ` ${among}${name}`));
}

/** @param {Summary} summary */
function leanPicture(summary) {
  const [low, high] = summary.lean_interval;
  /** @param {number} value */
  const x = (value) => 160 + value * 150;
  const ticks = [-1, -0.5, 0, 0.5, 1].map((value) =>
    svg("line", { class: "tick", x1: x(value), x2: x(value), y1: value ? 20 : 12, y2: value ? 28 : 36 }),
  );
  return svg(
    "svg",
    { class: "lean-picture", viewBox: "0 0 320 58", role: "img", "aria-label": `Lean ${signed(summary.lean)}` },
    svg("line", { class: "axis", x1: x(-1), x2: x(1), y1: 24, y2: 24 }),
    ticks,
    svg("rect", { class: "interval", x: x(low), y: 18, width: Math.max(2, x(high) - x(low)), height: 12, rx: 6 }),
    svg("circle", { class: "point", cx: x(summary.lean), cy: 24, r: 7 }),
    svg("text", { x: x(-1), y: 54, "text-anchor": "start" }, "− critical"),
    svg("text", { x: x(0), y: 54, "text-anchor": "middle" }, "0"),
    svg("text", { x: x(1), y: 54, "text-anchor": "end" }, "supportive +"),
  );
}
