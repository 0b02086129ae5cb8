/** Which encoding a file is in. The reader sees the first rows, and can choose another one. */

/** @type {Record<string, string>} */
export const ENCODINGS = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16",
  "utf-16be": "UTF-16, big-endian",
  "windows-1251": "Windows-1251 (Cyrillic)",
  "koi8-r": "KOI8-R (Cyrillic)",
  "windows-1252": "Windows-1252 (Western)",
  "windows-1250": "Windows-1250 (Central European)",
  "windows-1256": "Windows-1256 (Arabic)",
};

const SAMPLE = 256 * 1024;
/** In a text in Cyrillic letters of one byte, far more bytes than that are no ASCII. */
const FOREIGN = 0.2;

/**
 * The likely encoding of a file, by its first bytes.
 * @param {Blob} file
 */
export async function encodingOf(file) {
  const bytes = new Uint8Array(await file.slice(0, SAMPLE).arrayBuffer());
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return "utf-8";
  } catch {
    const high = bytes.reduce((count, byte) => count + Number(byte > 0x7f), 0);
    return high > FOREIGN * bytes.length ? "windows-1251" : "windows-1252";
  }
}

/**
 * Decodes one slice after the other; a letter that is cut in two is whole again.
 * @param {string} encoding
 * @returns {(bytes: ArrayBuffer, last: boolean) => string}
 */
export function decoder(encoding) {
  const inner = new TextDecoder(encoding);
  return (bytes, last) => inner.decode(bytes, { stream: !last });
}
