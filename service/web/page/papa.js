/** The csv parser, vendored beside (see vendor/papaparse/LICENSE); its script puts it into the window. */

/**
 * As much of Papa Parse as is used here.
 * @typedef {{data: string[], errors: {type: string, code: string}[], meta: {cursor: number}}} Step
 * @typedef {object} Papa
 * @property {(text: string, options: {delimiter: string, step: (step: Step) => void}) => void} parse
 * @property {(rows: unknown[][], options: {newline: string, escapeFormulae: RegExp}) => string} unparse
 */

/** @type {Papa} */
export const Papa = /** @type {any} */ (window).Papa;
