/** Which words pushed a sentence to its label: the service's occlusion, word by word. */

import { call } from "./api.js";
import { h } from "./dom.js";
import { LABELS } from "./labels.js";
import { between } from "./offsets.js";

/** @import {ExplainAnswer, Label, Word} from "./types.js" */

/** A push that moves a score by less says nothing. */
const LEAST = 0.02;
const MOST_TOLD = 3;

/**
 * @param {string} text
 * @param {AbortSignal} signal
 * @returns {Promise<ExplainAnswer>}
 */
export const explain = (text, signal) => call("POST", "v1/explain", { json: { text }, signal });

/**
 * The sentence with the words that pushed it, and buttons to choose towards which label.
 * @param {string} text
 * @param {ExplainAnswer} answer
 * @returns {HTMLElement}
 */
export function pushes(text, answer) {
  const shown = h("div", {});
  const buttons = LABELS.map((label) =>
    h("button", { type: "button", class: "chip", "aria-pressed": "false", on: { click: () => choose(label) } }, label),
  );
  /** @param {Label} label */
  const choose = (label) => {
    for (const [index, each] of LABELS.entries()) buttons[index].setAttribute("aria-pressed", String(each === label));
    shown.replaceChildren(marked(text, answer.words, label), told(answer.words, label));
  };
  choose(answer.result.label);
  const group = h("div", { class: "row chips", role: "group", "aria-label": "Towards which label" }, "towards", buttons);
  return h("div", { class: "pushes" }, group, shown);
}

/** @param {string} text @param {Word[]} words @param {Label} label */
function marked(text, words, label) {
  const most = Math.max(LEAST, ...words.map((word) => Math.abs(word.attributions[label])));
  const pieces = between(text, words);
  return h(
    "p",
    { class: "push-text", dir: "auto", "data-label": label },
    words.flatMap((word, index) => {
      const push = word.attributions[label];
      const size = Math.abs(push) < LEAST ? 0 : Math.min(3, 1 + Math.floor((3 * Math.abs(push)) / most));
      const attributes = { class: "word", "data-push": size && (push > 0 ? "to" : "from"), "data-size": size || null };
      return [pieces[index], size ? h("span", { ...attributes, title: points(push) }, word.text) : word.text];
    }),
    pieces[words.length],
  );
}

/** @param {Word[]} words @param {Label} label */
function told(words, label) {
  const by = [...words].sort((a, b) => b.attributions[label] - a.attributions[label]);
  const to = by.filter((word) => word.attributions[label] >= LEAST).slice(0, MOST_TOLD);
  const from = by.filter((word) => word.attributions[label] <= -LEAST).slice(-MOST_TOLD).reverse();
  /** @param {Word[]} some */
  const list = (some) => some.map((word) => `“${word.text}” ${points(word.attributions[label])}`).join(", ");
  if (!to.length && !from.length) return h("p", { class: "hint" }, "No single word matters: it hangs on several at once.");
  return h(
    "p",
    { class: "hint" },
    to.length > 0 && `Pushed towards ${label}: ${list(to)}. `,
    from.length > 0 && `Pushed away from ${label}: ${list(from)}. `,
    "In points of 100: so much of the score goes or comes when the word is left out.",
  );
}

/** @param {number} push */
const points = (push) => `${push > 0 ? "+" : "−"}${Math.round(Math.abs(push) * 100)}`;
