import { wilson } from "../../controller/src/core/release/stats/proportions.ts";
import type { Move } from "./moves.ts";

/** Moves that promised at least so much: how many made it worse, and what they won of what all won. */
export interface Promised {
  readonly leastMs: number;
  readonly moves: number;
  readonly worse: number;
  /** Share of what all moves won against BGP's choice, by traffic. */
  readonly won: number;
}

/** Ms of the objective. */
const LEAST_MS = [0, 4, 5, 7, 10, 12, 15, 20];

/**
 * What it would cost to move only for greater gains, read off the moves that were made: no loop was closed for it. Moves out of a hole
 * that BGP chose are left out, for each is worth more than everything else.
 */
export function promisesOf(all: readonly Move[]): Promised[] {
  const moves = all.filter(({ outOfHole }) => !outOfHole);
  const wonBy = (some: readonly Move[]): number => some.reduce((sum, one) => sum + one.gainByTraffic, 0);
  return LEAST_MS.map((leastMs) => {
    const some = moves.filter(({ saidMs }) => saidMs >= leastMs);
    const worse = some.filter(({ gainMs, stepMs }) => Math.min(gainMs, stepMs) < 0).length;
    return { leastMs, moves: some.length, worse, won: wonBy(some) / Math.max(1e-9, wonBy(moves)) };
  });
}

export function promisesMarkdown(promised: readonly Promised[]): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return [
    "| promised at least, ms | moves | made it worse | of what all moves won |",
    "|---:|---:|---|---:|",
    ...promised.map(({ leastMs, moves, worse, won }) => {
      const [low, high] = wilson({ events: worse, trials: moves }, 0.025);
      const share = `${percent(worse / Math.max(1, moves))} (${percent(low)} to ${percent(high)})`;
      return `| ${leastMs === 0 ? "any" : leastMs} | ${moves} | ${share} | ${percent(won)} |`;
    }),
  ].join("\n");
}
