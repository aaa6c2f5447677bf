import { native } from "../../native/load.ts";

/** Monotonic, microseconds: the clock that sends are stamped by. */
export function monotonicUs(): number {
  const [s, ns] = process.hrtime();
  return s * 1e6 + ns / 1e3;
}

export interface ClockPair {
  readonly monotonicUs: number;
  /** The clock of SO_TIMESTAMPNS at that moment. */
  readonly realtimeNs: bigint;
}

/** Between two readings of the monotonic clock, for what is read in between to belong to them. */
const CLOSE_US = 20;
const ATTEMPTS = 8;

/** Both clocks at one moment, as closely as a busy machine lets them be read. */
export function readClocks(): ClockPair {
  let best: ClockPair | undefined;
  let bestUs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && bestUs > CLOSE_US; attempt++) {
    const before = monotonicUs();
    const realtimeNs = native().realtimeNs();
    const after = monotonicUs();
    if (after - before >= bestUs) continue;
    bestUs = after - before;
    best = { monotonicUs: (before + after) / 2, realtimeNs };
  }
  return best ?? { monotonicUs: monotonicUs(), realtimeNs: native().realtimeNs() };
}

/** More than this between two comparisons is no slewing (adjtime(3): 500 ppm), but a step. */
const STEP_US = 1000;

/** Whether the wall clock was set between two moments: what was stamped in between has no time. */
export function isStep(before: ClockPair, after: ClockPair): boolean {
  const wallUs = Number(after.realtimeNs - before.realtimeNs) / 1000;
  return Math.abs(wallUs - (after.monotonicUs - before.monotonicUs)) > STEP_US;
}
