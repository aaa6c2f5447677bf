import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";

export interface RepeatOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Does `work` again and again until aborted; a failure is logged and does not end it. First time after one pause. */
export async function repeat(options: RepeatOptions, work: () => Promise<void>): Promise<void> {
  const { everyMs, clock, log, signal } = options;
  // setTimeout holds 31 bits of milliseconds.
  const pauseMs = Math.min(everyMs, 2 ** 31 - 1);
  while (!signal.aborted) {
    await clock.sleep(pauseMs, signal);
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      log.error({ reason: messageOf(error) }, "a repeated job failed");
    }
  }
}
