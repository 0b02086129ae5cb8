/** One sentence: its scores, the words that pushed it, and the buttons to correct it. */

import { isAbort } from "./api.js";
import { byId, fill, h, percent, say } from "./dom.js";
import { LABELS, MARKS, verdict } from "./labels.js";
import { explain, pushes } from "./words.js";

/** @import {Corrections} from "./corrections.js" */
/** @import {Label, Result} from "./types.js" */

/** @typedef {Result & {text: string}} Item */

export class Detail {
  /**
   * @param {Corrections} corrections
   */
  constructor(corrections) {
    this.corrections = corrections;
    this.container = byId("detail");
    this.closed = () => {};
    this.asked = new AbortController();
    this.container.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    corrections.addEventListener("change", () => this.#correction());
  }

  /**
   * Show a sentence.
   * @param {Item} item
   * @param {() => void} closed called when it is closed
   * @param {HTMLElement} [place] where the panel goes; where it is, when left out
   */
  open(item, closed, place) {
    this.asked.abort();
    this.asked = new AbortController();
    this.item = item;
    this.closed = closed;
    const close = { type: "button", class: "button close", "aria-label": "Close", on: { click: () => this.close() } };
    const words = h("div", { class: "words", "aria-live": "polite" }, h("p", { class: "hint" }, "Looking at its words …"));
    this.correctionBox = h("div", { class: "correction" });
    fill(
      this.container,
      h("div", { class: "row spread" }, h("h3", { id: "detail-title", tabindex: "-1" }, heading(item)), h("button", close, "×")),
      h("blockquote", { dir: "auto" }, item.text),
      !item.unsupported && scores(item),
      item.truncated && h("p", { class: "hint" }, "It is longer than the model reads: the end was not seen."),
      h("h4", {}, "Which words pushed it"),
      words,
      h("h4", {}, "Is it wrong?"),
      this.correctionBox,
    );
    if (place && this.container.parentElement !== place) place.prepend(this.container);
    this.container.hidden = false;
    this.#correction();
    byId("detail-title").focus();
    void this.#explain(item, words, this.asked.signal);
  }

  close() {
    if (this.container.hidden) return;
    this.asked.abort();
    this.container.hidden = true;
    this.item = undefined;
    this.closed();
  }

  /** @param {Item} item @param {HTMLElement} words @param {AbortSignal} signal */
  async #explain(item, words, signal) {
    try {
      words.replaceChildren(pushes(item.text, await explain(item.text, signal)));
    } catch (error) {
      if (isAbort(error)) return;
      const told = error instanceof Error ? error.message : String(error);
      const again = () => void this.#explain(item, words, signal);
      const button = h("button", { type: "button", class: "button", on: { click: again } }, "Try again");
      words.replaceChildren(h("p", { class: "hint" }, `This cannot be shown. ${told}`), button);
    }
  }

  #correction() {
    const { item, correctionBox, corrections } = this;
    if (!item || !correctionBox) return;
    if (!corrections.fits(item.text)) {
      correctionBox.replaceChildren(h("p", { class: "hint" }, "It is too long to be corrected."));
      return;
    }
    const mine = corrections.mine(item.text);
    const held = correctionBox.contains(document.activeElement) ? document.activeElement?.id : "";
    fill(
      correctionBox,
      h("p", { class: "hint" }, "By the rules, what should it be?"),
      h(
        "div",
        { class: "row chips", role: "group", "aria-label": "Correct the label" },
        LABELS.map((label) => this.#choice(item, label, mine?.label === label)),
        mine && h("button", { type: "button", class: "button", id: "undo", on: { click: () => this.#undo(item) } }, "Undo"),
      ),
      ...this.#votes(item),
      this.#nameField(),
      corrections.refusal && h("p", { class: "hint problem", role: "alert" }, corrections.refusal),
    );
    // Undo is gone after it was used: the focus then goes to what is left to do.
    if (held) (document.getElementById(held) ?? document.getElementById(`correct-${item.label}`))?.focus();
  }

  /** @param {Item} item @param {Label} label @param {boolean} chosen */
  #choice(item, label, chosen) {
    const give = () => this.#change(() => this.corrections.give(item.text, label), `Corrected: ${label}.`);
    const attributes = { type: "button", class: "chip", id: `correct-${label}`, "data-label": label, on: { click: give } };
    return h("button", { ...attributes, "aria-pressed": String(chosen) }, `${MARKS[label]} ${label}`);
  }

  /** @param {Item} item */
  #undo(item) {
    return this.#change(() => this.corrections.undo(item.text), "Undone.");
  }

  /** @param {() => Promise<void>} change @param {string} done */
  async #change(change, done) {
    try {
      await change();
      say(done);
    } catch (error) {
      this.corrections.refusal = error instanceof Error ? `Not kept. ${error.message}` : String(error);
      this.#correction();
    }
  }

  /** @param {Item} item */
  #votes(item) {
    const votes = this.corrections.votes.get(item.text);
    if (!votes?.labels.length) return [];
    const told = votes.labels.map((vote) => `${vote.label} (${vote.annotator ?? "no name"})`).join(", ");
    return [h("p", { class: "votes" }, "People say: ", h("b", {}, told), ".")];
  }

  #nameField() {
    const keep = (/** @type {Event} */ event) => {
      this.corrections.name = /** @type {HTMLInputElement} */ (event.target).value;
      this.#correction();
    };
    const input = { id: "annotator", type: "text", maxlength: "200", autocomplete: "off", value: this.corrections.name };
    return h("label", { class: "name" }, "Your initials (optional) ", h("input", { ...input, on: { change: keep } }));
  }
}

/** @param {Item} item */
const heading = (item) => verdict(item).replace(/^./, (letter) => letter.toUpperCase());

/** @param {Item} item */
function scores(item) {
  return h(
    "ul",
    { class: "scores", "aria-label": "Scores" },
    LABELS.map((label) =>
      h(
        "li",
        { "data-label": label },
        h("span", { class: "score-name" }, `${MARKS[label]} ${label}`),
        h("meter", { min: "0", max: "1", value: item.scores[label], "aria-hidden": "true" }),
        h("span", { class: "score-value" }, percent(item.scores[label])),
        h("span", { class: "possible" }, item.prediction_set.includes(label) ? "possible" : "unlikely"),
      ),
    ),
  );
}
