/** Offsets: the API counts Unicode characters, a string of the browser UTF-16 units. */

/**
 * What stands before, between and after places in a text.
 * @param {string} text
 * @param {{start: number, end: number}[]} places in the order of the text
 * @returns {string[]} one more than there are places
 */
export function between(text, places) {
  const pieces = [];
  let unit = 0;
  let character = 0;
  /** @param {number} to */
  const advance = (to) => {
    const from = unit;
    for (; character < to; character++) unit += /** @type {number} */ (text.codePointAt(unit)) > 0xffff ? 2 : 1;
    return text.slice(from, unit);
  };
  for (const { start, end } of places) {
    pieces.push(advance(start));
    advance(end);
  }
  return [...pieces, text.slice(unit)];
}
