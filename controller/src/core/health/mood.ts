import type { HealthState } from "@vsix/shared/contract/up-health.ts";

/** What people were last told of a node, and for how many runs in a row it has been otherwise. Plain JSON. */
export interface Mood {
  readonly told: "good" | "bad";
  readonly otherwise: number;
}

export const FIRST_MOOD: Mood = { told: "good", otherwise: 0 };

/** One run alone may have met a moment: so many in a row must say the same. */
const RUNS = 2;

/**
 * One more run: what is to be told now, if anything. `poor` is no alarm, and no all-clear is kept back for it; what could
 * not be looked at changes nothing.
 */
export function nextMood(
  mood: Mood,
  state: HealthState,
): { readonly mood: Mood; readonly turned: "bad" | "good" | undefined } {
  if (state === "unknown") return { mood, turned: undefined };
  const now = state === "bad" ? "bad" : "good";
  if (now === mood.told) return { mood: { ...mood, otherwise: 0 }, turned: undefined };
  const otherwise = mood.otherwise + 1;
  return otherwise < RUNS
    ? { mood: { ...mood, otherwise }, turned: undefined }
    : { mood: { told: now, otherwise: 0 }, turned: now };
}

/** From our own database; what is no mood is the first one. */
export function readMood(text: string): Mood {
  try {
    const { told, otherwise } = JSON.parse(text) as Partial<Mood>;
    if ((told === "good" || told === "bad") && Number.isInteger(otherwise))
      return { told, otherwise: otherwise ?? 0 };
  } catch {
    // falls through
  }
  return FIRST_MOOD;
}
