/** Trying again what fails for a passing reason, such as a server that has too much to do. */

import { Problem } from "./api.js";

/** Tries in all, before a person is asked. */
const TRIES = 5;
const LONGEST_PAUSE = 30;

/**
 * Do something, and again when the server is busy or away, after as long as it asks for.
 * @template T
 * @param {() => Promise<T>} work
 * @param {(seconds: number) => void} waits told before each pause
 * @param {AbortSignal} signal ends a pause
 * @returns {Promise<T>}
 */
export async function patiently(work, waits, signal) {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Problem) || !error.passing || tries === TRIES) throw error;
      const seconds = Math.min(LONGEST_PAUSE, error.retryAfter ?? 2 ** (tries - 1));
      waits(seconds);
      await pause(seconds, signal);
    }
  }
}

/** @param {number} seconds @param {AbortSignal} signal @returns {Promise<void>} */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
