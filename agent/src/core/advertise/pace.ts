/** When a router speaks, RFC 4861 sections 6.2.4 and 6.2.6. Milliseconds of a monotonic clock; `random` is 0 to 1. */

export interface Pace {
  /** The next advertisement to all. */
  readonly nextMs: number;
  /** Early ones that are still to come, so that one lost packet is not minutes of silence. */
  readonly early: number;
  /** The last one to all. */
  readonly lastMs: number | undefined;
  /** The next one is an answer. */
  readonly asked: boolean;
}

/** RFC 4861 section 10. */
const MAX_INITIAL = 3;
const MAX_INITIAL_INTERVAL_MS = 16_000;
const MAX_ANSWER_DELAY_MS = 500;
const MIN_BETWEEN_MS = 3_000;
/** Section 6.2.1: MinRtrAdvInterval where nobody says otherwise. */
const MIN_SHARE = 0.33;
const SHORT_S = 9;
const MIN_SHARE_SHORT = 0.75;

/** Something new is to be told: at once, as far as the last word is three seconds old, and then twice more. */
export function tellAnew(nowMs: number, before: Pace | undefined): Pace {
  const lastMs = before?.lastMs;
  const nextMs = lastMs === undefined ? nowMs : Math.max(nowMs, lastMs + MIN_BETWEEN_MS);
  return { nextMs, early: MAX_INITIAL, lastMs, asked: before?.asked ?? false };
}

/** One went out. */
export function afterSent({ early }: Pace, nowMs: number, intervalS: number, random: number): Pace {
  const longest = intervalS * 1000;
  const shortest = Math.max(MIN_BETWEEN_MS, longest * (intervalS < SHORT_S ? MIN_SHARE_SHORT : MIN_SHARE));
  const drawn = Math.max(shortest, shortest + (longest - shortest) * random);
  const left = Math.max(0, early - 1);
  const wait = left > 0 ? Math.min(drawn, MAX_INITIAL_INTERVAL_MS) : drawn;
  return { nextMs: nowMs + wait, early: left, lastMs: nowMs, asked: false };
}

/** Somebody asks: all are answered, after up to half a second, and three seconds after the last word. However many ask, it is one answer. */
export function afterAsked(pace: Pace, nowMs: number, random: number): Pace {
  if (pace.asked) return pace;
  const delay = MAX_ANSWER_DELAY_MS * random;
  const at = Math.max(nowMs, pace.lastMs === undefined ? nowMs : pace.lastMs + MIN_BETWEEN_MS) + delay;
  return { ...pace, nextMs: Math.min(pace.nextMs, at), asked: true };
}
