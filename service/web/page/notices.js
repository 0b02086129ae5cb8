/** What the page tells above its results: that it works, that it waits, that something failed. */

import { Problem } from "./api.js";
import { byId, h } from "./dom.js";

/** Take away what is told. */
export const clearNotices = () => byId("notices").replaceChildren();

/**
 * Tell that something is being done.
 * @param {string} text
 */
export function working(text) {
  const spinner = h("span", { class: "spinner", "aria-hidden": "true" });
  show(h("p", { class: "notice" }, spinner, text));
}

/**
 * Tell what went wrong, and what can be done.
 * @param {unknown} error
 * @param {() => void} [again] what a button tries again
 */
export function failed(error, again) {
  const problem = error instanceof Problem ? error : new Problem(-1, "The page failed", String(error));
  if (problem.status === -1) console.error(error);
  const button = again && h("button", { type: "button", class: "button", on: { click: again } }, "Try again");
  complain([h("strong", {}, problem.title, ". "), problem.message], button);
}

/**
 * Tell what is wrong in words of the page's own.
 * @param {(Node | string)[]} words
 * @param {Node} [button]
 */
export function complain(words, button) {
  show(h("div", { class: "notice error", role: "alert" }, h("p", {}, words), button));
}

/** On a phone it may be below what is seen. @param {HTMLElement} notice */
function show(notice) {
  byId("notices").replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}
