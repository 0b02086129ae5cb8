/** What this tab remembers until it is closed. Nothing is kept longer, and nothing goes into the address. */

/** @typedef {"text" | "key" | "annotator" | "answered-as"} Name */

/** @param {Name} name @returns {string} */
export function recall(name) {
  try {
    return sessionStorage.getItem(`ru-stance:${name}`) ?? "";
  } catch {
    return "";
  }
}

/**
 * Remember a value; an empty one is forgotten. Where the browser keeps nothing, the page works without.
 * @param {Name} name
 * @param {string} value
 */
export function remember(name, value) {
  try {
    if (value) sessionStorage.setItem(`ru-stance:${name}`, value);
    else sessionStorage.removeItem(`ru-stance:${name}`);
  } catch {
    // Storage is full or forbidden: a reload then starts anew.
  }
}
