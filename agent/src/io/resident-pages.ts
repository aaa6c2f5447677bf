import { native } from "../../native/load.ts";

/** Once what start-up needed is over, and again after whatever else was once and not since. */
const STARTED_MS = 20_000;
const AGAIN_MS = 120_000;

/**
 * Lets go of pages of the node program that nothing has touched for long, by letting go of all: those in use come back
 * within microseconds each, from the page cache (madvise(2), MADV_DONTNEED; agent/DESIGN.md, "Memory").
 * @param earlyMs when most of what start-up needed is over already; the rest is taken for over later
 * @throws NativeLoadError without the addon.
 */
export function keepFewPages(earlyMs?: number): Disposable {
  const { releasePages } = native();
  const first = [...(earlyMs === undefined ? [] : [earlyMs]), STARTED_MS].map((afterMs) =>
    setTimeout(releasePages, afterMs).unref(),
  );
  const again = setInterval(releasePages, AGAIN_MS).unref();
  return {
    [Symbol.dispose]: () => {
      for (const timer of first) clearTimeout(timer);
      clearInterval(again);
    },
  };
}
