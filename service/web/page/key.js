/** The server's key: asked for once, when the server wants one. */

import { byId, inputOf } from "./dom.js";
import { recall, remember } from "./session.js";

/** @type {Promise<string> | null} */
let asking = null;

/** The key of this tab, empty if there is none. */
export const currentKey = () => recall("key");

/**
 * Ask for a key; requests that want one at the same time share the question.
 * @param {string} reason what the server says
 * @returns {Promise<string>} empty if the person gives none
 */
export function askKey(reason) {
  asking ??= ask(reason).finally(() => {
    asking = null;
  });
  return asking;
}

/** @param {string} reason @returns {Promise<string>} */
function ask(reason) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("key-dialog"));
  const input = inputOf("key");
  const form = byId("key-form");
  input.value = "";
  byId("key-reason").textContent = reason;
  return new Promise((resolve) => {
    let given = "";
    /** @param {Event} event */
    const take = (event) => {
      event.preventDefault();
      // A header holds visible ASCII only; a pasted key often brings a space or a line feed with it.
      given = input.value.trim();
      if (!given || /[^\x21-\x7e]/.test(given)) {
        byId("key-reason").textContent = given ? "That is no key: it has spaces or foreign letters." : "Type the key.";
        given = "";
        return;
      }
      remember("key", given);
      dialog.close();
    };
    const cancel = () => dialog.close();
    form.addEventListener("submit", take);
    byId("key-cancel").addEventListener("click", cancel);
    dialog.addEventListener(
      "close",
      () => {
        form.removeEventListener("submit", take);
        byId("key-cancel").removeEventListener("click", cancel);
        input.value = "";
        resolve(given);
      },
      { once: true },
    );
    dialog.showModal();
  });
}
