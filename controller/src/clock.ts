import { setTimeout as timerSleep } from "node:timers/promises";

/** Where the controller takes time from; a parameter everywhere, so that tests own it. */
export interface Clock {
  /** Milliseconds since 1970; for people and for documents, never for deadlines. */
  wallMs(): number;
  /** Milliseconds on a clock that only moves forward; for leases, deadlines and figures. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await timerSleep(ms, undefined, { signal, ref: true });
    } catch {
      // Aborted: whoever sleeps looks at the signal.
    }
  },
};

/** RFC 3339 text of a wall-clock time. */
export function timestamp(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
