/** People's labels of texts, kept by the server: looked up, given, taken back. */

import { call, Problem } from "./api.js";
import { recall, remember } from "./session.js";

/** @import {Label, Vote, Votes} from "./types.js" */

/** A lookup asks for so much at once; the server's limits are wider by default. */
const MOST_CHARACTERS = 200_000;
const SOURCE = "the page";

export class Corrections extends EventTarget {
  /** @param {{max_texts: number, max_characters: number}} limits */
  constructor(limits) {
    super();
    this.limits = limits;
    /** @type {Map<string, Votes>} */
    this.votes = new Map();
    /** What my label of a text was before I last changed it here. @type {Map<string, Label | null>} */
    this.before = new Map();
    /** Why corrections cannot be used; empty if they can. */
    this.refusal = "";
  }

  /** My name, as typed here; the server puts the key's name where it is empty. */
  get name() {
    return recall("annotator");
  }

  /** @param {string} name */
  set name(name) {
    remember("annotator", name.trim());
  }

  /**
   * My own label of a text.
   * @param {string} text
   * @returns {Vote | undefined}
   */
  mine(text) {
    const me = this.name || recall("answered-as") || null;
    return this.votes.get(text)?.labels.find((vote) => vote.annotator === me);
  }

  /** @param {string} text */
  fits = (text) => text.trim() !== "" && [...text].length <= this.limits.max_characters;

  /**
   * Ask which of the texts have labels. A server that keeps none, or does not show them, is told in `refusal`.
   * @param {string[]} texts
   */
  async lookUp(texts) {
    try {
      for (const some of batches([...new Set(texts)].filter(this.fits), this.limits.max_texts)) {
        const { results } = await call("POST", "v1/labels/lookup", { json: { texts: some } });
        for (const [index, text] of some.entries()) this.votes.set(text, results[index]);
      }
      this.refusal = "";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.refusal = `${error.title}. ${error.message}`;
    }
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Say which label a text should have.
   * @param {string} text
   * @param {Label} label
   */
  async give(text, label) {
    const before = this.mine(text)?.label ?? null;
    await this.#post(text, label);
    this.before.set(text, before);
    await this.lookUp([text]);
  }

  /**
   * Undo my last change; where this tab knows of none, take my label back.
   * @param {string} text
   */
  async undo(text) {
    const before = this.before.get(text);
    const mine = this.mine(text);
    if (before) await this.#post(text, before);
    else if (mine) await call("DELETE", `v1/labels/${mine.id}`);
    this.before.delete(text);
    await this.lookUp([text]);
  }

  /** @param {string} text @param {Label} label */
  async #post(text, label) {
    const annotator = this.name;
    const json = { text, label, source: SOURCE, ...(annotator && { annotator }) };
    /** @type {Vote} */
    const kept = await call("POST", "v1/labels", { json });
    if (!annotator) remember("answered-as", kept.annotator ?? "");
  }
}

/**
 * Texts in groups that one request can hold.
 * @param {string[]} texts
 * @param {number} most
 */
function* batches(texts, most) {
  /** @type {string[]} */
  let group = [];
  let characters = 0;
  for (const text of texts) {
    if (group.length && (group.length === most || characters + text.length > MOST_CHARACTERS)) {
      yield group;
      group = [];
      characters = 0;
    }
    group.push(text);
    characters += text.length;
  }
  if (group.length) yield group;
}
