import { type Static, Type } from "@sinclair/typebox";
import type { Silence } from "./watch-state.ts";

/** Silences as operators order them: of one path, of all paths from or to somewhere, or of all. */

/** In the place of a source or target: every one. */
export const EVERY = "*";

const EndName = Type.String({ minLength: 1, maxLength: 63 });

export const SilenceRule = Type.Object({
  /** Name of a source, or "*". */
  source: EndName,
  target: EndName,
  by: Type.String({ maxLength: 256 }),
  /** Wall clock, milliseconds; from then on it is over. */
  until: Type.Number(),
  reason: Type.String({ maxLength: 1024 }),
});
export type SilenceRule = Static<typeof SilenceRule>;

export const MAX_SILENCES = 1000;

/** With one more; one of the same two names takes the old one's place. Undefined: there are too many. */
export function withSilence(
  rules: readonly SilenceRule[],
  rule: SilenceRule,
): readonly SilenceRule[] | undefined {
  const others = rules.filter((one) => !isSame(one, rule));
  return others.length >= MAX_SILENCES ? undefined : [...others, rule];
}

export function withoutSilence(
  rules: readonly SilenceRule[],
  ends: Pick<SilenceRule, "source" | "target">,
): readonly SilenceRule[] {
  return rules.filter((one) => !isSame(one, ends));
}

/** What silences one path at a time: of several, the one that lasts longest. */
export function silenceOf(
  rules: readonly SilenceRule[],
  source: string,
  target: string,
  at: number,
): Silence | undefined {
  let longest: SilenceRule | undefined;
  for (const rule of rules) {
    if (at >= rule.until || !fits(rule.source, source) || !fits(rule.target, target)) continue;
    if (longest === undefined || rule.until > longest.until) longest = rule;
  }
  return longest && { by: longest.by, until: longest.until, reason: longest.reason };
}

function fits(pattern: string, name: string): boolean {
  return pattern === EVERY || pattern === name;
}

function isSame(a: Pick<SilenceRule, "source" | "target">, b: Pick<SilenceRule, "source" | "target">) {
  return a.source === b.source && a.target === b.target;
}
