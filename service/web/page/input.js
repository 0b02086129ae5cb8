/** Where texts and files come in: typed, pasted, chosen or dropped. */

import { buttonOf, byId, inputOf, number } from "./dom.js";
import { decoder, encodingOf } from "./encodings.js";

const TABLES = /\.(csv|tsv|tab)$/i;
/** A text file that is larger is no text to read at once. */
const LARGEST_TEXT = 5_000_000;

const EXAMPLE = `The Russian foreign minister landed in Bamako on Tuesday for talks on grain and security. Officials said that two agreements would be signed. “Our partners keep their word,” the minister told reporters.

Nobody who has seen the mines doubts what the mercenaries came for: they loot the gold and leave the graves to the villagers. Moscow calls that protection. The occupiers in Ukraine used the same word.

Others in the capital disagree. Russia came to help when everybody else had packed and gone, and it has earned its place here. Nobody asked the Russians to leave. A grain shipment is due in June. Whether it will be a gift or a loan, nobody at the ministry would say.`;

export class Input {
  /**
   * @param {(text: string) => void} readText
   * @param {(file: File) => void} readTable
   * @param {(error: unknown) => void} fail
   */
  constructor(readText, readTable, fail) {
    this.area = /** @type {HTMLTextAreaElement} */ (byId("text"));
    this.longest = Infinity;
    const take = (/** @type {File | undefined} */ file) => {
      if (file) void this.#take(file, readText, readTable).catch(fail);
    };
    byId("paste-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.area.value.trim()) readText(this.area.value);
      else this.area.focus();
    });
    byId("example").addEventListener("click", () => readText(EXAMPLE));
    this.area.addEventListener("input", () => this.tell());
    inputOf("file").addEventListener("change", () => {
      take(inputOf("file").files?.[0]);
      inputOf("file").value = "";
    });
    watchDrops(take);
  }

  /** @param {string} text */
  set text(text) {
    this.area.value = text;
    this.tell();
  }

  /** Tell how long the text is, where that is near or over the limit. */
  tell() {
    const length = [...this.area.value].length;
    const over = length > this.longest;
    byId("text-length").textContent = length > this.longest * 0.8 ? `${number(length)} of at most ${number(this.longest)} characters.` : "";
    byId("text-length").classList.toggle("problem", over);
    buttonOf("read").disabled = over;
  }

  /**
   * @param {File} file
   * @param {(text: string) => void} readText
   * @param {(file: File) => void} readTable
   */
  async #take(file, readText, readTable) {
    if (TABLES.test(file.name) || file.type === "text/csv") {
      readTable(file);
      return;
    }
    if (file.size > LARGEST_TEXT) throw new Error("The file is too large for one text. A csv with a text a row may have any size.");
    const text = decoder(await encodingOf(file))(await file.arrayBuffer(), true);
    if (text.includes("\0")) throw new Error("This is no text file. Save it as .txt or .csv, or paste its text.");
    this.text = text;
    if (buttonOf("read").disabled) this.area.focus();
    else readText(this.area.value);
  }
}

/** @param {(file: File | undefined) => void} take */
function watchDrops(take) {
  const veil = byId("drop-veil");
  const hasFile = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files"));
  addEventListener("dragover", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!hasFile(event)) return;
    event.preventDefault();
    take(event.dataTransfer?.files[0]);
  });
}
