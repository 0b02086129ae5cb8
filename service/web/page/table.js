/** A table of scored rows, to filter and to sort, one page of it at a time. */

import { counted, h, number, percent, say } from "./dom.js";
import { LABELS, shade, verdict } from "./labels.js";

/** @import {Scored} from "./corpus.js" */
/** @import {Label} from "./types.js" */

const PAGE = 50;

/** @typedef {"row" | Label} SortKey */

export class Table {
  /**
   * @param {(row: Scored, opener: HTMLElement) => void} open called with the row that is clicked
   */
  constructor(open) {
    this.open = open;
    /** @type {Scored[]} */
    this.rows = [];
    this.page = 0;
    /** The row that is open. @type {number | null} */
    this.opened = null;
    /** @type {SortKey} */
    this.sorted = "row";
    this.descending = false;
    this.search = field("Find", { type: "search", id: "find", placeholder: "words in the text" }, () => this.#refilter());
    this.label = selection(() => this.#refilter());
    this.doubtful = field("only doubtful", { type: "checkbox", id: "only-doubtful" }, () => this.#refilter());
    this.body = h("tbody", {});
    this.headers = {
      row: this.#header("row", "Row"),
      critical: this.#header("critical", "critical"),
      neutral: this.#header("neutral", "neutral"),
      supportive: this.#header("supportive", "supportive"),
    };
    /** The rows that are drawn; null before the first time. @type {Scored[] | null} */
    this.drawn = null;
    this.place = h("p", { class: "hint" });
    this.back = this.#turn("Back", -1);
    this.forth = this.#turn("Next", 1);
    const pager = h("div", { class: "row spread pager" }, this.place, h("div", { class: "row no-print" }, this.back, this.forth));
    const head = h("tr", {}, this.headers.row, heading("Text"), heading("Label"), LABELS.map((label) => this.headers[label]));
    const table = h("table", {}, h("caption", { class: "offscreen" }, "The scored rows"), h("thead", {}, head), this.body);
    this.element = h(
      "div",
      { class: "card table-card" },
      h("div", { class: "row filters no-print" }, this.search.label, this.label.label, this.doubtful.label),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Scored rows" }, table),
      pager,
    );
  }

  /**
   * Show these rows.
   * @param {Scored[]} rows
   */
  show(rows) {
    this.rows = rows;
    const found = this.#found();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    this.page = Math.min(this.page, pages - 1);
    this.#draw(found.slice(this.page * PAGE, (this.page + 1) * PAGE));
    this.#showPlace(found.length, pages);
    for (const [key, header] of Object.entries(this.headers)) {
      header.setAttribute("aria-sort", key !== this.sorted ? "none" : this.descending ? "descending" : "ascending");
    }
  }

  /**
   * Mark the row that is open, and scroll no further than it takes to see it beside its panel.
   * @param {number | null} row
   */
  select(row) {
    this.opened = row;
    for (const button of this.body.querySelectorAll("[data-row]")) {
      const opened = button.getAttribute("data-row") === String(row);
      if (!opened) {
        button.removeAttribute("aria-current");
        continue;
      }
      button.setAttribute("aria-current", "true");
      button.scrollIntoView({ block: "nearest" });
    }
  }

  #found() {
    const words = this.search.input.value.trim().toLowerCase();
    const label = this.label.input.value;
    const doubtful = this.doubtful.input.checked;
    const found = this.rows.filter(
      (row) =>
        (!label || (label === "unsupported" ? row.unsupported : row.label === label && !row.unsupported)) &&
        (!doubtful || row.doubtful) &&
        (!words || row.text.toLowerCase().includes(words)),
    );
    const { sorted } = this;
    const value = (/** @type {Scored} */ row) => (sorted === "row" ? row.row : row.scores[sorted]);
    const sign = this.descending ? -1 : 1;
    return found.sort((a, b) => sign * (value(a) - value(b)) || a.row - b.row);
  }

  #refilter() {
    this.page = 0;
    this.show(this.rows);
    say(this.place.textContent ?? "");
  }

  /** Rows that stand there stay, so that a click while others come in finds its row. @param {Scored[]} shown */
  #draw(shown) {
    const { drawn } = this;
    if (shown.length && drawn?.length === shown.length && shown.every((row, index) => row === drawn[index])) return;
    this.drawn = shown;
    const focused = this.body.contains(document.activeElement) ? document.activeElement?.getAttribute("data-row") : null;
    this.body.replaceChildren(...(shown.length ? shown.map((row) => this.#row(row)) : [empty(this.rows.length)]));
    if (focused) /** @type {HTMLElement | null} */ (this.body.querySelector(`[data-row="${focused}"]`))?.focus();
  }

  /** @param {SortKey} key @param {string} name */
  #header(key, name) {
    const sort = () => {
      // The highest scores are what is looked for first.
      this.descending = this.sorted === key ? !this.descending : key !== "row";
      this.sorted = key;
      this.#refilter();
    };
    const button = h("button", { type: "button", class: "sort", on: { click: sort } }, name);
    return h("th", { scope: "col", class: "figure", "aria-sort": "none" }, button);
  }

  /** @param {Scored} row */
  #row(row) {
    const opens = { click: (/** @type {Event} */ event) => this.open(row, /** @type {HTMLElement} */ (event.currentTarget)) };
    const button = { type: "button", class: "row-text", dir: "auto", "data-row": row.row, title: "Why? Wrong?", on: opens };
    const current = row.row === this.opened && "true";
    return h(
      "tr",
      {},
      h("td", { class: "figure quiet" }, number(row.row)),
      h("td", { class: "text-cell" }, h("button", { ...button, "aria-current": current }, row.text)),
      h("td", {}, h("span", { class: "tag", ...shade(row) }, row.unsupported ? "not read" : verdict(row))),
      LABELS.map((label) => h("td", { class: "figure" }, row.unsupported ? "–" : percent(row.scores[label]))),
    );
  }

  /** @param {string} name @param {number} by */
  #turn(name, by) {
    const click = () => {
      this.page += by;
      this.show(this.rows);
      say(this.place.textContent ?? "");
    };
    return /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "button", on: { click } }, name));
  }

  /** @param {number} found @param {number} pages */
  #showPlace(found, pages) {
    const { page, back, forth } = this;
    const from = found ? page * PAGE + 1 : 0;
    this.place.textContent = `${number(from)}–${number(Math.min(found, (page + 1) * PAGE))} of ${counted(found, "row")}`;
    const held = document.activeElement;
    back.disabled = page === 0;
    forth.disabled = page >= pages - 1;
    // A button that can no longer be pressed loses the focus; the other one is next to it.
    if (held === back && back.disabled) forth.focus();
    if (held === forth && forth.disabled) back.focus();
  }
}

/** @param {string} name */
const heading = (name) => h("th", { scope: "col" }, name);

/** @param {number} all */
const empty = (all) =>
  h("tr", {}, h("td", { colspan: "6", class: "empty" }, all ? "No row is like that. Change the filter." : "No row is scored yet."));

/** @param {string} name @param {Record<string, unknown>} attributes @param {() => void} changed */
function field(name, attributes, changed) {
  const input = /** @type {HTMLInputElement} */ (h("input", { ...attributes, on: { input: changed } }));
  const label = attributes.type === "checkbox" ? [input, ` ${name}`] : [`${name} `, input];
  return { input, label: h("label", { class: "filter" }, label) };
}

/** @param {() => void} changed */
function selection(changed) {
  const options = [h("option", { value: "" }, "all"), ...LABELS.map((label) => h("option", {}, label)), h("option", { value: "unsupported" }, "not read")];
  const input = /** @type {HTMLSelectElement} */ (h("select", { id: "only-label", on: { change: changed } }, options));
  return { input, label: h("label", { class: "filter" }, "Label ", input) };
}
