/** Requests to the service, and what goes wrong with them. */

import { askKey, currentKey } from "./key.js";

/** An answer that is an error, in the server's words (RFC 9457), or no answer at all (status 0). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} detail
   * @param {number} [retryAfter] seconds until it may be tried again
   */
  constructor(status, title, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.title = title;
    this.retryAfter = retryAfter;
  }

  /** Whether the server says that the same request may succeed a little later. */
  get passing() {
    return this.status === 429 || this.status === 503;
  }
}

/** @typedef {{json?: unknown, lines?: string, signal?: AbortSignal}} Options */

/**
 * Send a request, with the key of this tab if there is one; where the server wants one, it is asked for.
 * @param {string} method
 * @param {string} path relative to the page, so that the service may stand under any path
 * @param {Options} [options]
 * @returns {Promise<Response>}
 */
export async function request(method, path, options = {}) {
  for (;;) {
    const key = currentKey();
    const response = await sent(method, path, options, key);
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.status !== 401) throw problem;
    // Meanwhile another request may have been given a key.
    if (currentKey() === key && !(await askKey(problem.message))) throw problem;
  }
}

/**
 * The JSON of an answer.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>}
 */
export async function call(method, path, options = {}) {
  const response = await request(method, path, options);
  try {
    return await response.json();
  } catch (error) {
    throw cutOff(error);
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 * @param {string} key
 */
async function sent(method, path, options, key) {
  /** @type {Record<string, string>} */
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  /** @type {RequestInit} */
  const init = { method, headers, signal: options.signal, cache: "no-store", credentials: "same-origin" };
  if (options.json !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(options.json);
  } else if (options.lines !== undefined) {
    headers["Content-Type"] = "application/x-ndjson";
    init.body = options.lines;
  }
  try {
    return await fetch(path, init);
  } catch (error) {
    throw cutOff(error);
  }
}

/**
 * What to throw for a connection that failed; a request that was given up on purpose stays just that.
 * @param {unknown} error
 */
export function cutOff(error) {
  if (isAbort(error)) return error;
  return new Problem(0, "The server cannot be reached", "Check that it still runs and that you are connected to it.");
}

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";

/** @param {Response} response */
async function problemOf(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  try {
    const { title, detail } = await response.json();
    return new Problem(response.status, String(title), String(detail), retryAfter);
  } catch {
    const title = "The server answered with an error";
    return new Problem(response.status, title, `Its status is ${response.status}, and it says no more.`, retryAfter);
  }
}
