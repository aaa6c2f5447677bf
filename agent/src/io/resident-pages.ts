import { native } from "../../native/load.ts";

/** Once what start-up needed is over, and again after whatever else was once and not since. */
const FIRST_MS = 20_000;
const AGAIN_MS = 120_000;

/**
 * Lets go of pages of the node program that nothing has touched for long, by letting go of all: those in use come back
 * within microseconds each, from the page cache (madvise(2), MADV_DONTNEED; agent/DESIGN.md, "Memory").
 * @throws NativeLoadError without the addon.
 */
export function keepFewPages(): Disposable {
  const { releasePages } = native();
  const first = setTimeout(releasePages, FIRST_MS).unref();
  const again = setInterval(releasePages, AGAIN_MS).unref();
  return {
    [Symbol.dispose]: () => {
      clearTimeout(first);
      clearInterval(again);
    },
  };
}
