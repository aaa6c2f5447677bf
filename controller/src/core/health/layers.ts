import { HEALTH_LAYERS, type HealthLayer, type HealthState } from "@vsix/shared/contract/up-health.ts";

/** States of all layers in as many letters: what is kept of a run for long. */

const LETTERS: Readonly<Record<HealthState, string>> = { good: "g", poor: "p", bad: "b", unknown: "-" };
const STATES = new Map(Object.entries(LETTERS).map(([state, letter]) => [letter, state as HealthState]));

export type LayerStates = Readonly<Record<HealthLayer, HealthState>>;

/** A layer that is not told of is unknown; of one that is told of twice the last word counts. */
export function layerStates(
  told: readonly { readonly layer: HealthLayer; readonly state: HealthState }[],
): LayerStates {
  const states = new Map(told.map(({ layer, state }) => [layer, state]));
  return Object.fromEntries(
    HEALTH_LAYERS.map((layer) => [layer, states.get(layer) ?? "unknown"]),
  ) as LayerStates;
}

export function lettersOf(states: LayerStates): string {
  return HEALTH_LAYERS.map((layer) => LETTERS[states[layer]]).join("");
}

/** The other way round; layers that were added since are unknown. */
export function statesOf(letters: string): LayerStates {
  return layerStates(
    HEALTH_LAYERS.map((layer, i) => ({ layer, state: STATES.get(letters[i] ?? "-") ?? "unknown" })),
  );
}
