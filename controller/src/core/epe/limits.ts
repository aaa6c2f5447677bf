import type { EpeObjective } from "@vsix/shared/fabric/epe-model.ts";
import { wilson } from "../release/stats/proportions.ts";
import type { Side } from "./compare.ts";

/** Chance, to one side, of calling a loss beyond its limit that is not. */
const TAIL = 0.005;

/**
 * Is a peer beyond a hard limit? To leave it that must be `surely` so; to move to it, it is enough that it seems so.
 * Undefined: no.
 */
export function beyondLimit(
  { limits }: EpeObjective,
  { figures, length, cost }: Side,
  surely: boolean,
): "rttMs" | "jitterMs" | "lossPercent" | "asPathLength" | "cost" | undefined {
  if (limits.cost !== undefined && cost > limits.cost) return "cost";
  if (limits.asPathLength !== undefined && length !== undefined && length > limits.asPathLength)
    return "asPathLength";
  // Medians over many cycles: half of them at least were beyond.
  if (limits.rttMs !== undefined && (figures.rttMs ?? 0) > limits.rttMs) return "rttMs";
  if (limits.jitterMs !== undefined && (figures.jitterMs ?? 0) > limits.jitterMs) return "jitterMs";
  if (limits.lossPercent !== undefined && figures.sent > 0) {
    const share = { events: figures.lost, trials: figures.sent };
    const lost = surely ? wilson(share, TAIL)[0] : figures.lost / figures.sent;
    if (lost * 100 > limits.lossPercent) return "lossPercent";
  }
  return undefined;
}
