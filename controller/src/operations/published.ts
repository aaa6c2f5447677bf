import type { Commit } from "../desired/desired-state.ts";
import type { Context } from "./context.ts";

/** How long a command waits for the broker before it says that publishing still goes on, milliseconds. */
const PUBLISH_WAIT_MS = 5000;

/** Whether the broker holds all of a commit, waiting a little for it. */
export async function publishedInTime(context: Context, commit: Commit): Promise<boolean> {
  const stop = new AbortController();
  const late = context.clock.sleep(PUBLISH_WAIT_MS, AbortSignal.any([context.signal, stop.signal]));
  try {
    return await Promise.race([commit.published.then(() => true), late.then(() => false)]);
  } catch {
    return false;
  } finally {
    stop.abort();
  }
}
