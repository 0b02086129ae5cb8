/** The text, shaded sentence by sentence; one of them at a time can be reached with the Tab key. */

import { h } from "./dom.js";
import { MARKS, shade, verdict } from "./labels.js";
import { between } from "./offsets.js";

/** @import {Label, Sentence} from "./types.js" */

export class Sentences {
  /**
   * @param {HTMLElement} container
   * @param {(index: number) => void} open called with the sentence that is clicked
   */
  constructor(container, open) {
    this.container = container;
    /** @type {HTMLElement[]} */
    this.elements = [];
    this.current = 0;
    container.addEventListener("click", (event) => {
      const index = this.elements.indexOf(/** @type {HTMLElement} */ (closest(event.target)));
      if (index < 0) return;
      this.move(index);
      open(index);
    });
    container.addEventListener("keydown", (event) => this.#key(event, open));
  }

  /**
   * Show a text.
   * @param {string} text
   * @param {Sentence[]} sentences
   */
  show(text, sentences) {
    this.sentences = sentences;
    this.elements = sentences.map((sentence, index) => rendered(sentence, index));
    this.current = 0;
    const pieces = between(text, sentences);
    this.container.replaceChildren(...this.elements.flatMap((element, index) => [pieces[index], element]));
    this.container.append(pieces[sentences.length]);
    this.elements[0]?.setAttribute("tabindex", "0");
  }

  /**
   * Make a sentence the one that the Tab key reaches.
   * @param {number} index
   */
  move(index) {
    this.elements[this.current]?.setAttribute("tabindex", "-1");
    this.current = index;
    this.elements[index].setAttribute("tabindex", "0");
  }

  /** Put the focus on the current sentence. */
  focus() {
    this.elements[this.current]?.focus();
  }

  /**
   * Go to the next sentence of which something is true, from the top again after the last.
   * @param {(sentence: Sentence) => boolean} wanted
   */
  next(wanted) {
    const { sentences = [], current } = this;
    const later = sentences.findIndex((sentence, index) => index > current && wanted(sentence));
    const found = later < 0 ? sentences.findIndex(wanted) : later;
    if (found < 0) return;
    this.move(found);
    this.focus();
    this.elements[found].scrollIntoView({ block: "center" });
  }

  /**
   * Scroll no further than it takes to see a sentence beside the panel that it opened.
   * @param {number} index
   */
  reveal(index) {
    this.elements[index].scrollIntoView({ block: "nearest" });
  }

  /**
   * Mark the sentence that is open.
   * @param {number | null} index
   */
  select(index) {
    for (const element of this.container.querySelectorAll("[aria-current]")) element.removeAttribute("aria-current");
    if (index !== null) this.elements[index].setAttribute("aria-current", "true");
  }

  /**
   * Show what a person says of a sentence.
   * @param {number} index
   * @param {Label | null} label
   * @param {boolean} corrected a person has labelled it
   */
  mark(index, label, corrected) {
    const element = this.elements[index];
    element.querySelector(".pencil")?.remove();
    element.toggleAttribute("data-corrected", corrected);
    if (!corrected) return;
    const told = label ?? "people disagree";
    const heard = h("span", { class: "offscreen" }, ` (people: ${told})`);
    element.append(h("span", { class: "pencil", "data-label": label, title: told }, heard, glyph(` ✎ ${told}`)));
  }

  /** @param {KeyboardEvent} event @param {(index: number) => void} open */
  #key(event, open) {
    const last = this.elements.length - 1;
    /** @type {Record<string, number>} */
    const places = {
      ArrowRight: Math.min(last, this.current + 1),
      ArrowDown: Math.min(last, this.current + 1),
      ArrowLeft: Math.max(0, this.current - 1),
      ArrowUp: Math.max(0, this.current - 1),
      Home: 0,
      End: last,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !closest(event.target)) return;
    if (event.key in places) {
      this.move(places[event.key]);
      this.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      open(this.current);
    } else {
      return;
    }
    event.preventDefault();
  }
}

/** @param {EventTarget | null} target */
const closest = (target) => (target instanceof Element ? target.closest(".sentence") : null);

/** Seen, but neither heard nor copied. @param {string} text */
const glyph = (text) => h("span", { class: "glyph", "aria-hidden": "true" }, text);

/** @param {Sentence} sentence @param {number} index */
function rendered(sentence, index) {
  const sign = sentence.unsupported ? "×" : sentence.doubtful ? "?" : sentence.label === "neutral" ? "" : MARKS[sentence.label];
  const told = sentence.truncated ? `${verdict(sentence)}, its end was not read` : verdict(sentence);
  return h(
    "span",
    { class: "sentence", role: "button", tabindex: "-1", "data-index": index, ...shade(sentence) },
    sign && glyph(sign),
    // On the whole sentence, the title would be read aloud besides the words below.
    h("span", { title: told }, sentence.text),
    h("span", { class: "offscreen" }, ` (${told})`),
    sentence.truncated && glyph(" …✂"),
  );
}
