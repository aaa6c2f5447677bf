import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import {
  HEALTH_LAYERS,
  type HealthLayer,
  type HealthState,
  type HealthVerdict,
} from "@vsix/shared/contract/up-health.ts";
import type { LocalFacts, Result } from "./model.ts";
import { clockRules } from "./rules-clock.ts";
import { localRules } from "./rules-local.ts";
import { namesRules } from "./rules-names.ts";
import { outsideRules } from "./rules-outside.ts";
import { translationRules } from "./rules-translation.ts";
import { hasClock, type Rule, type View } from "./view.ts";

export interface Diagnosis {
  readonly state: HealthState;
  /** The gravest first, then from the cable up. */
  readonly verdicts: readonly HealthVerdict[];
  readonly layers: readonly { readonly layer: HealthLayer; readonly state: HealthState }[];
}

const RULES: readonly Rule[] = [localRules, outsideRules, namesRules, translationRules, clockRules];

export function diagnose(part: HealthPart, facts: LocalFacts, results: readonly Result[]): Diagnosis {
  const view: View = {
    part,
    facts,
    results,
    of: (role) => results.filter((result) => result.check.role === role),
  };
  const found = RULES.flatMap((rule) => rule(view)).map((verdict) => ({
    ...verdict,
    text: printable(verdict.text),
  }));
  const verdicts = found.toSorted(
    (a, b) =>
      Number(a.state === "poor") - Number(b.state === "poor") ||
      HEALTH_LAYERS.indexOf(a.layer) - HEALTH_LAYERS.indexOf(b.layer),
  );
  const layers = HEALTH_LAYERS.map((layer) => ({ layer, state: stateOf(layer, verdicts, results) }));
  return { state: worst(layers.map(({ state }) => state)), verdicts, layers };
}

/** Of a layer without a verdict: good where something in it is. */
function stateOf(
  layer: HealthLayer,
  verdicts: readonly HealthVerdict[],
  results: readonly Result[],
): HealthState {
  const own = verdicts.filter((verdict) => verdict.layer === layer);
  if (own.length > 0) return own.some(({ state }) => state === "bad") ? "bad" : "poor";
  if (layer === "clock") return results.some(hasClock) ? "good" : "unknown";
  return results.some(({ check, state }) => check.layer === layer && (state === "good" || state === "poor"))
    ? "good"
    : "unknown";
}

export function worst(states: readonly HealthState[]): HealthState {
  for (const state of ["bad", "poor", "good"] as const) if (states.includes(state)) return state;
  return "unknown";
}

/** Within the contract's bounds, whatever strangers said. */
export function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, "?").slice(0, 300);
}
