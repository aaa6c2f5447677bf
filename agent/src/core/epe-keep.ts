import { type Static, Type } from "@sinclair/typebox";

/** How long ago the controller was heard, in a form that outlives this process and this boot. */
export const Heard = Type.Object({
  /** Milliseconds since it was heard, at the moment of writing. */
  ageMs: Type.Number({ minimum: 0 }),
  /** /proc/sys/kernel/random/boot_id: within one boot the monotonic clock goes on over restarts of this program. */
  boot: Type.String({ maxLength: 64 }),
  /** Monotonic clock at the moment of writing, milliseconds since the boot. */
  monotonicMs: Type.Number(),
  /** Wall clock at the moment of writing; asked only after another boot. */
  wallMs: Type.Number(),
});
export type Heard = Static<typeof Heard>;

export interface Moment {
  readonly boot: string;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Heard this long ago, now. */
export function heardAgo(ageMs: number, now: Moment): Heard {
  return { ageMs, ...now };
}

/**
 * Milliseconds since the controller was heard. Within one boot by the monotonic clock alone, so that steps of the wall clock and
 * restarts change nothing. Over a reboot there is no other witness than the wall clock: what it says has passed is added, unless
 * it went back (no battery), for then nobody knows.
 */
export function ageOf(heard: Heard, now: Moment): number {
  const passedMs = heard.boot === now.boot ? now.monotonicMs - heard.monotonicMs : now.wallMs - heard.wallMs;
  return heard.ageMs + Math.max(0, passedMs);
}

const ASK_FIRST_MS = 1_000;
const ASK_LAST_MS = 60_000;

/** How often the controller is asked for a sign of life where overrides are kept for `keepS`. */
export function askEveryMs(keepS: number): number {
  return Math.min(ASK_LAST_MS, Math.max(ASK_FIRST_MS, (keepS * 1000) / 4));
}
