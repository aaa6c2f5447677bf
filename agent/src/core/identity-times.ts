/** No clock of a machine that runs this program can truly show an earlier time. */
export const RELEASED_MS = Date.parse("2026-01-01T00:00:00Z");

/**
 * Whether a wall clock can be right: it is not earlier than anything known to have happened (the release of this program,
 * the issue of a certificate, the last time written down). One that runs ahead cannot be told so.
 */
export function isClockTrusted(nowMs: number, happenedMs: readonly number[]): boolean {
  return nowMs >= Math.max(RELEASED_MS, ...happenedMs);
}

export interface Lifetime {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** When to renew: at two thirds of the life, and up to a tenth later, so that not all nodes come at once. `jitter` is 0 to 1. */
export function renewAtMs({ notBeforeMs, notAfterMs }: Lifetime, jitter: number): number {
  const lifeMs = notAfterMs - notBeforeMs;
  return notBeforeMs + (lifeMs * 2) / 3 + (lifeMs / 10) * jitter;
}

const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 6 * 3_600_000;

/** Pause after so many failures in a row, half of it random: 30 s to a minute at first, 3 to 6 hours at last. */
export function retryAfterMs(failures: number, jitter: number): number {
  const fullMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 16), LAST_RETRY_MS);
  return fullMs / 2 + (fullMs / 2) * jitter;
}
