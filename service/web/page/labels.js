/** The three labels: their order on the page, their marks, and how a result is told in words. */

/** @import {Label, Result} from "./types.js" */

/** As on the lean's axis, from -1 to 1. @type {Label[]} */
export const LABELS = ["critical", "neutral", "supportive"];

/** Read beside the colour. @type {Record<Label, string>} */
export const MARKS = { critical: "−", neutral: "○", supportive: "+" };

/** How many shades there are. */
const SHADES = 4;

/**
 * The shade of a result: 1 where its label is hardly ahead of chance, 4 where it is sure.
 * @param {Result} result
 */
export function strength(result) {
  const above = (result.scores[result.label] - 1 / 3) / (2 / 3);
  return Math.min(SHADES, Math.max(1, Math.ceil(above * SHADES)));
}

/**
 * What is known of the label, in words.
 * @param {Result} result
 */
export function verdict(result) {
  if (result.unsupported) return "not read: not in one of the model’s languages";
  if (result.doubtful) return `doubtful: ${result.prediction_set.join(" or ")}`;
  return result.label;
}

/**
 * The attributes by which the style sheet shows a result.
 * @param {Result} result
 * @returns {Record<string, unknown>}
 */
export function shade(result) {
  return {
    "data-label": result.unsupported ? null : result.label,
    "data-strength": strength(result),
    "data-doubtful": result.doubtful && !result.unsupported,
    "data-unsupported": result.unsupported,
    "data-truncated": result.truncated,
  };
}
