import type { Outcome } from "./plan.ts";
import { lostOf } from "./reach.ts";

/** One look at what runs on probation. */
export interface Look {
  readonly reached: readonly string[];
  /** Differs between two starts of the agent. */
  readonly life: string;
}

export interface Terms {
  readonly before: readonly string[];
  readonly withinMs: number;
  readonly holdMs: number;
}

/** What is remembered from look to look. */
export interface Watched {
  /** Since when nothing is missing, and one agent has run. */
  readonly since: { readonly atMs: number; readonly life: string } | undefined;
  readonly lost: readonly string[];
  /** Other lives than the first. */
  readonly lives: number;
  readonly life: string | undefined;
}

export const UNWATCHED: Watched = { since: undefined, lost: [], lives: 0, life: undefined };

/** Named in a reason at most. */
const MAX_NAMED = 10;

/**
 * Judges by one look more. Kept is what reached everything for `holdMs` in one life, before `withinMs` were over.
 * @param nowMs since probation began, monotonic. @returns what to remember, and the verdict once there is one. Pure.
 */
export function judge(
  { before, withinMs, holdMs }: Terms,
  watched: Watched,
  { reached, life }: Look,
  nowMs: number,
): { readonly watched: Watched; readonly verdict: Outcome | undefined } {
  const lost = lostOf(before, reached);
  const since =
    lost.length > 0 ? undefined : watched.since?.life === life ? watched.since : { atMs: nowMs, life };
  const lives = watched.lives + (watched.life !== undefined && watched.life !== life ? 1 : 0);
  const now: Watched = { since, lost, lives, life };
  if (since !== undefined && nowMs - since.atMs >= holdMs) return { watched: now, verdict: { ok: true } };
  if (nowMs < withinMs) return { watched: now, verdict: undefined };
  return { watched: now, verdict: { ok: false, reason: reasonOf(now, { before, withinMs, holdMs }) } };
}

function reasonOf({ lost, lives }: Watched, { before, withinMs, holdMs }: Terms): string {
  const starts = lives === 0 ? "" : `; it started ${lives} ${lives === 1 ? "time" : "times"} more`;
  if (lost.length === 0)
    return `it reached everything, but not for ${holdMs / 1000} s within ${withinMs / 1000} s${starts}`;
  const more = lost.length > MAX_NAMED ? `, and ${lost.length - MAX_NAMED} more` : "";
  return `of ${before.length} that were reached before, ${lost.length} were not after ${withinMs / 1000} s: ${lost.slice(0, MAX_NAMED).join(", ")}${more}${starts}`;
}
