/** A text's page: read by the service, shaded, with a summary and the corrections that people made. */

import { call, isAbort } from "./api.js";
import { byId, counted, say } from "./dom.js";
import { save, sentencesCsv, BOM } from "./download.js";
import { clearNotices, failed, working } from "./notices.js";
import { patiently } from "./patience.js";
import { Sentences } from "./sentences.js";
import { showSummary } from "./summary.js";

/** @import {Corrections} from "./corrections.js" */
/** @import {Detail} from "./detail.js" */
/** @import {DocumentAnswer} from "./types.js" */

export class Reading {
  /** @param {Detail} detail @param {Corrections} corrections */
  constructor(detail, corrections) {
    this.corrections = corrections;
    this.detail = detail;
    this.section = byId("reading");
    this.side = /** @type {HTMLElement} */ (this.section.querySelector(".side"));
    this.sentences = new Sentences(byId("sentences"), (index) => this.#open(index));
    this.asked = new AbortController();
    /** @type {DocumentAnswer | null} */
    this.answer = null;
    corrections.addEventListener("change", () => this.#mark());
  }

  /**
   * Have a text read, and show it.
   * @param {string} text
   * @returns {Promise<boolean>} whether it is shown
   */
  async read(text) {
    this.leave();
    const { signal } = this.asked;
    working("Reading the sentences …");
    const ask = () => call("POST", "v1/document", { json: { text }, signal });
    const waits = (/** @type {number} */ seconds) => working(`The server is busy. Trying again in ${counted(Math.ceil(seconds), "second")} …`);
    try {
      this.answer = /** @type {DocumentAnswer} */ (await patiently(ask, waits, signal));
    } catch (error) {
      if (!isAbort(error)) failed(error, () => void this.again(text));
      return false;
    }
    clearNotices();
    const { sentences, summary } = this.answer;
    this.sentences.show(text, sentences);
    showSummary(byId("summary"), summary, sentences.length, (wanted) => this.sentences.next(wanted));
    this.section.hidden = false;
    byId("reading-title").focus({ preventScroll: true });
    say(`${counted(sentences.length, "sentence")} read.`);
    void this.corrections.lookUp(sentences.map((sentence) => sentence.text));
    return true;
  }

  /** Called to read a text once more after it failed; the page puts its own way of doing so here. @param {string} text */
  async again(text) {
    await this.read(text);
  }

  /** Give up what is being read, and take the text away. */
  leave() {
    this.asked.abort();
    this.asked = new AbortController();
    this.detail.close();
    this.section.hidden = true;
    this.answer = null;
  }

  /** Save the sentences as csv. */
  save() {
    if (!this.answer) return;
    const { sentences, model } = this.answer;
    save([BOM, sentencesCsv(sentences, model, this.corrections.votes)], "sentences.csv");
  }

  /** @param {number} index */
  #open(index) {
    if (!this.answer) return;
    this.sentences.select(index);
    const closed = () => {
      this.sentences.select(null);
      this.sentences.focus();
    };
    this.detail.open(this.answer.sentences[index], closed, this.side);
    this.sentences.reveal(index);
  }

  #mark() {
    for (const [index, { text }] of this.answer?.sentences.entries() ?? []) {
      const votes = this.corrections.votes.get(text);
      this.sentences.mark(index, votes?.majority ?? null, Boolean(votes?.labels.length));
    }
  }
}
