/** A table of scored rows, to filter and to sort, one page of it at a time. */

import { counted, h, number, percent } from "./dom.js";
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
    this.pager = h("div", { class: "row spread pager" });
    const head = h("tr", {}, this.headers.row, heading("Text"), heading("Label"), LABELS.map((label) => this.headers[label]));
    const table = h("table", {}, h("caption", { class: "offscreen" }, "The scored rows"), h("thead", {}, head), this.body);
    this.element = h(
      "div",
      { class: "card table-card" },
      h("div", { class: "row filters no-print" }, this.search.label, this.label.label, this.doubtful.label),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Scored rows" }, table),
      this.pager,
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
    const focused = this.body.contains(document.activeElement) ? document.activeElement?.getAttribute("data-row") : null;
    const shown = found.slice(this.page * PAGE, (this.page + 1) * PAGE);
    this.body.replaceChildren(...(shown.length ? shown.map((row) => this.#row(row)) : [empty(rows.length)]));
    if (focused) /** @type {HTMLElement | null} */ (this.body.querySelector(`[data-row="${focused}"]`))?.focus();
    this.#showPager(found.length, pages);
    for (const [key, header] of Object.entries(this.headers)) {
      header.setAttribute("aria-sort", key !== this.sorted ? "none" : this.descending ? "descending" : "ascending");
    }
  }

  /**
   * Mark the row that is open.
   * @param {number | null} row
   */
  select(row) {
    this.opened = row;
    for (const button of this.body.querySelectorAll("[data-row]")) {
      if (button.getAttribute("data-row") === String(row)) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
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

  /** @param {number} found @param {number} pages */
  #showPager(found, pages) {
    const { page } = this;
    const to = (/** @type {number} */ target) => () => {
      this.page = target;
      this.show(this.rows);
    };
    const from = found ? page * PAGE + 1 : 0;
    this.pager.replaceChildren(
      h("p", { class: "hint", role: "status" }, `${number(from)}–${number(Math.min(found, (page + 1) * PAGE))} of ${counted(found, "row")}`),
      h(
        "div",
        { class: "row no-print" },
        h("button", { type: "button", class: "button", disabled: page === 0, on: { click: to(page - 1) } }, "Back"),
        h("button", { type: "button", class: "button", disabled: page >= pages - 1, on: { click: to(page + 1) } }, "Next"),
      ),
    );
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
