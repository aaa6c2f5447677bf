import type { Observation } from "@vsix/shared/contract/up.ts";
import type { Context } from "./context.ts";
import { DIRECTIONS, observersOf } from "./observe.ts";

/**
 * Which of these Edges were not seen, both ways and by every External Edge, on the plane where they are wanted, by what was
 * told since `sinceMs` (monotonic); in words, one line an Edge. With nobody to observe, all of them.
 */
export function astrayOf(
  { desired, fleet, clock }: Pick<Context, "desired" | "fleet" | "clock">,
  wanted: ReadonlyMap<string, string>,
  sinceMs: number,
): readonly string[] {
  const observers = desired.inForce === undefined ? [] : observersOf(desired.inForce.fabric);
  if (observers.length === 0) return [...wanted.keys()].map((edge) => `${edge}: nobody observes`);
  const astray = new Map<string, string>();
  for (const observer of observers) {
    const { observation } = fleet.node(observer);
    const told = observation !== undefined && !observation.replayed && observation.atMs >= sinceMs;
    const entries = told ? entriesOf(observation.value) : undefined;
    for (const [edge, plane] of wanted) {
      const entry = entries?.get(edge);
      const off = DIRECTIONS.filter((direction) => entry?.[direction] !== plane);
      if (off.length === 0) continue;
      const silent = fleet.isOnline(observer, clock.monotonicMs()) ? "has told nothing since" : "is offline";
      const seen = off
        .map((direction) => `${direction} ${entry?.[direction] ?? "nothing comes back"}`)
        .join(", ");
      astray.set(
        edge,
        `${edge}: ${entry === undefined ? `${observer} ${silent}` : `${seen} at ${observer}`}`,
      );
    }
  }
  return [...astray.values()];
}

function entriesOf({ edges }: Observation): ReadonlyMap<string, Observation["edges"][number]> {
  return new Map(edges.map((entry) => [entry.edge, entry]));
}
