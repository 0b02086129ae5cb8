/** A csv's page: the progress, the shares, the table and the download. */

import { isAbort, Problem } from "./api.js";
import { Corpus, MOST_KEPT } from "./corpus.js";
import { byId, counted, fill, h, number, percent, say } from "./dom.js";
import { LABELS } from "./labels.js";
import { clearNotices, failed } from "./notices.js";
import { save } from "./download.js";
import { sharesBar } from "./shares.js";
import { Table } from "./table.js";

/** @import {Choice} from "./columns.js" */
/** @import {Corrections} from "./corrections.js" */
/** @import {Detail} from "./detail.js" */

/** The table is drawn anew at most so often while rows come in, in milliseconds. */
const REDRAW = 400;

export class CorpusView {
  /**
   * @param {Choice} choice
   * @param {Detail} detail
   * @param {Corrections} corrections
   * @param {() => void} leave
   * @param {(version: string) => void} answered called with the model's version when the work ends
   */
  constructor(choice, detail, corrections, leave, answered) {
    this.corpus = new Corpus(choice);
    this.answered = answered;
    /** Whether there are results that are not yet downloaded. */
    this.unsaved = false;
    this.stop = new AbortController();
    this.drawn = 0;
    /** @type {"scoring" | "done" | "stopped"} */
    this.state = "scoring";
    this.side = h("div", { class: "side" });
    this.table = new Table((row, opener) => {
      void corrections.lookUp([row.text]);
      const back = () => {
        this.table.select(null);
        /** @type {HTMLElement} */ (this.table.body.querySelector(`[data-row="${row.row}"]`) ?? opener).focus();
      };
      detail.open(row, back, this.side);
      this.table.select(row.row);
    });
    this.bar = /** @type {HTMLProgressElement} */ (h("progress", { max: "1", value: "0", "aria-labelledby": "progress-text" }));
    this.text = h("p", { id: "progress-text" });
    this.cancelButton = button("Cancel", "cancel-scoring", () => this.cancel());
    this.goOnButton = button("Go on", "go-on", () => this.#goOn());
    this.saveButton = button("Download the result", "download", () => this.#save(), "primary");
    this.shares = h("div", { class: "counts" });
    const title = h("h2", { id: "table-title", tabindex: "-1" }, choice.file.name);
    const buttons = h("div", { class: "row no-print" }, button("Another file or text", "leave", leave), this.goOnButton, this.saveButton, this.cancelButton);
    this.element = byId("table");
    this.element.replaceChildren(
      h("div", { class: "row spread section-head" }, title, buttons),
      h("div", { class: "card corpus-head" }, h("div", { class: "progress-row" }, this.bar, this.text), this.shares),
      h("div", { class: "columns" }, h("div", { class: "text-column" }, this.table.element), this.side),
    );
    this.element.hidden = false;
    title.focus();
  }

  async run() {
    this.state = "scoring";
    this.#draw();
    try {
      await this.corpus.run(() => this.#moved(), (seconds) => this.#waits(seconds), this.stop.signal);
      this.state = "done";
      say(`All rows are scored. ${this.#counts()}`);
    } catch (error) {
      this.state = "stopped";
      if (!isAbort(error)) failed(error, error instanceof Problem ? () => this.#goOn() : undefined);
    }
    this.#draw();
    void this.answered(this.corpus.model);
  }

  cancel() {
    this.stop.abort();
  }

  #goOn() {
    clearNotices();
    this.stop = new AbortController();
    void this.run();
  }

  #moved() {
    this.unsaved = true;
    const now = performance.now();
    if (now - this.drawn > REDRAW) this.#draw();
    else this.#drawProgress();
  }

  /** @param {number} seconds */
  #waits(seconds) {
    this.text.textContent = `The server is busy. Going on in ${counted(Math.ceil(seconds), "second")} …`;
  }

  #draw() {
    const { corpus } = this;
    this.drawn = performance.now();
    this.#drawProgress();
    this.table.show(corpus.kept);
    this.cancelButton.hidden = this.state !== "scoring";
    this.goOnButton.hidden = this.state !== "stopped" || !this.stop.signal.aborted;
    this.saveButton.hidden = this.state === "scoring";
    this.saveButton.textContent = this.state === "done" ? "Download the result" : "Download what is done";
    const read = corpus.scored - corpus.unsupported;
    fill(
      this.shares,
      read > 0 && sharesBar(corpus.counts),
      h("ul", { class: "count-list" }, LABELS.map((label) => tally(label, corpus.counts[label], read)), this.#others()),
      ...this.#notes(),
    );
  }

  #drawProgress() {
    const { corpus } = this;
    this.bar.value = corpus.done;
    this.bar.hidden = this.state === "done";
    const rows = counted(corpus.rows, "row");
    const told = { scoring: `${rows} read, ${percent(corpus.done)} of the file`, done: `${rows} read`, stopped: `Stopped after ${rows}` };
    this.text.textContent = told[this.state];
  }

  #counts() {
    return LABELS.map((label) => `${number(this.corpus.counts[label])} ${label}`).join(", ");
  }

  #others() {
    const { doubtful, unsupported, problemCount } = this.corpus;
    const others = { "of them doubtful": doubtful, "not read": unsupported, "with a problem": problemCount };
    return Object.entries(others)
      .filter(([, count]) => count)
      .map(([name, count]) => h("li", { class: "apart" }, h("b", {}, number(count)), ` ${name}`));
  }

  #notes() {
    const { kept, scored, problems, problemCount } = this.corpus;
    const notes = [];
    if (kept.length < scored) {
      const some = counted(kept.length, "row");
      notes.push(h("p", { class: "hint" }, `Past ${number(MOST_KEPT)} rows, the table keeps those with the strongest stance: ${some} of ${number(scored)}. The shares and the download have all.`));
    }
    if (problemCount) {
      const list = problems.map(({ row, detail }) => h("li", {}, `Row ${number(row)}: ${detail}`));
      const more = problemCount > problems.length && h("p", { class: "hint" }, `${number(problemCount - problems.length)} more are told in the download, in the column “problem”.`);
      notes.push(h("details", { class: "problems" }, h("summary", {}, counted(problemCount, "problem")), h("ul", {}, list), more));
    }
    return notes;
  }

  #save() {
    const name = this.corpus.choice.file.name.replace(/\.[^.]*$/, "");
    save(this.corpus.parts, `${name}-scored.csv`);
    this.unsaved = false;
  }
}

/** @param {string} name @param {string} id @param {() => void} click @param {string} [kind] */
const button = (name, id, click, kind = "") => h("button", { type: "button", class: `button ${kind}`, id, on: { click } }, name);

/** @param {import("./types.js").Label} label @param {number} count @param {number} all */
const tally = (label, count, all) =>
  h(
    "li",
    {},
    h("span", { class: "swatch", "data-label": label, "aria-hidden": "true" }),
    h("b", {}, number(count)),
    ` ${label} `,
    h("span", { class: "quiet" }, percent(all ? count / all : 0)),
  );
