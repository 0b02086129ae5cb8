/** A bar of the labels' shares; each has a pattern of its own besides its colour. */

import { number, percent, svg } from "./dom.js";
import { LABELS } from "./labels.js";

/** @import {ByLabel} from "./types.js" */

const WIDTH = 320;
const HEIGHT = 18;

/**
 * @param {ByLabel} counts
 * @returns {Element}
 */
export function sharesBar(counts) {
  const total = LABELS.reduce((sum, label) => sum + counts[label], 0);
  const told = LABELS.map((label) => `${label} ${percent(total ? counts[label] / total : 0)}`).join(", ");
  let from = 0;
  const parts = LABELS.filter((label) => counts[label]).map((label) => {
    const width = (WIDTH * counts[label]) / total;
    const title = svg("title", {}, `${label}: ${number(counts[label])}`);
    const part = svg("g", { class: "share", "data-label": label }, title, ...filling(label, from, width));
    from += width;
    return part;
  });
  const frame = { class: "shares", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" };
  return svg("svg", { ...frame, "aria-label": told }, parts);
}

/**
 * @param {import("./types.js").Label} label
 * @param {number} from
 * @param {number} width
 */
function filling(label, from, width) {
  const block = svg("rect", { class: "block", x: from, y: 0, width: Math.max(1, width - 1.5), height: HEIGHT });
  if (label === "neutral") return [block];
  const step = label === "critical" ? 6 : 8;
  const marks = [];
  for (let x = from + 3; x < from + width - 4; x += step) {
    marks.push(
      label === "critical"
        ? svg("path", { class: "stroke", d: `M${x} ${HEIGHT}l4 -${HEIGHT}` })
        : svg("circle", { class: "dot", cx: x + 2, cy: HEIGHT / 2, r: 1.6 }),
    );
  }
  return [block, ...marks];
}
