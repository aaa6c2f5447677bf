/**
 * Whether a service works, from looks at it. It falls fast (two bad looks in a row unless told, or its program has ended) and comes back slowly: after
 * a run of good looks that doubles with every fall of late. Pure; times are monotonic milliseconds.
 */

export interface Look {
  readonly ok: boolean;
  /** Why not; empty when it is well. */
  readonly reason: string;
  /** It runs and says nothing to what it need ask nobody about: no matter of what is outside. */
  readonly mute?: boolean;
}

export interface Health {
  readonly working: boolean;
  readonly sinceMs: number;
  /** Of the last look that decided; for a service that does not work, why. */
  readonly reason: string;
  /** Bad looks in a row while it works, good ones while it does not. */
  readonly run: number;
  /** Falls that count towards the next return. */
  readonly falls: number;
  readonly fellMs: number;
  /** Since the start. */
  readonly looks: number;
  readonly failed: number;
  /** Looks in a row that it was mute at. */
  readonly mute: number;
  readonly patience: number;
}

/** Mute for so many looks in a row it is ended, and started anew. */
export const MUTE_LOOKS = 20;

/** Bad looks in a row after which a service falls. */
export const BAD_LOOKS = 2;
const GOOD_LOOKS = 3;
const MOST_GOOD_LOOKS = 96;
/** A fall is forgotten after so long without another. */
const FORGET_MS = 600_000;

/**
 * @param presumed it was working when somebody looked last: given the benefit of the doubt
 * @param patience bad looks in a row after which it falls
 */
export function newHealth(presumed: boolean, nowMs: number, patience = BAD_LOOKS): Health {
  const reason = presumed ? "" : "not asked yet";
  return {
    working: presumed,
    sinceMs: nowMs,
    reason,
    run: 0,
    falls: 0,
    fellMs: 0,
    looks: 0,
    failed: 0,
    mute: 0,
    patience,
  };
}

/** Good looks in a row after which it counts as working again. */
export function goodLooksWanted({ falls }: Health): number {
  return Math.min(MOST_GOOD_LOOKS, GOOD_LOOKS * 2 ** Math.max(0, falls - 1));
}

export function afterLook(before: Health, { ok, reason, mute }: Look, nowMs: number): Health {
  const counted = {
    ...before,
    looks: before.looks + 1,
    failed: before.failed + Number(!ok),
    mute: mute === true ? before.mute + 1 : 0,
  };
  if (before.working) {
    if (ok) return { ...counted, run: 0, reason: "" };
    if (before.run + 1 < before.patience) return { ...counted, run: before.run + 1 };
    return fallen(counted, reason, nowMs);
  }
  if (!ok) return { ...counted, run: 0, reason };
  if (before.run + 1 < goodLooksWanted(before)) return { ...counted, run: before.run + 1 };
  return { ...counted, working: true, sinceMs: nowMs, run: 0, reason: "" };
}

/** Its program has ended: nobody need be asked. */
export function afterEnd(before: Health, reason: string, nowMs: number): Health {
  return { ...(before.working ? fallen(before, reason, nowMs) : { ...before, run: 0, reason }), mute: 0 };
}

function fallen(before: Health, reason: string, nowMs: number): Health {
  const falls = before.falls === 0 || nowMs - before.fellMs > FORGET_MS ? 1 : before.falls + 1;
  return { ...before, working: false, sinceMs: nowMs, fellMs: nowMs, reason, run: 0, falls };
}
