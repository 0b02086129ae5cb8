/** A bar of the labels' shares; each has a pattern of its own besides its colour. */

import { h, number, percent } from "./dom.js";
import { LABELS } from "./labels.js";

/** @import {ByLabel} from "./types.js" */

/**
 * @param {ByLabel} counts
 * @returns {HTMLElement}
 */
export function sharesBar(counts) {
  const total = LABELS.reduce((sum, label) => sum + counts[label], 0);
  const told = LABELS.map((label) => `${label} ${percent(total ? counts[label] / total : 0)}`).join(", ");
  const parts = LABELS.filter((label) => counts[label]).map((label) => {
    const part = h("span", { class: "share", "data-label": label, title: `${label}: ${number(counts[label])}` });
    part.style.flexGrow = String(counts[label]);
    return part;
  });
  return h("div", { class: "shares", role: "img", "aria-label": told }, parts);
}
