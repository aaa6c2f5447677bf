import { wilson } from "../../controller/src/core/release/stats/proportions.ts";
import { Random } from "../judge-curve/random.ts";
import type { Move } from "./moves.ts";
import { type Promised, promisesMarkdown, promisesOf } from "./promises.ts";
import type { Outcome } from "./run.ts";

/** A figure over runs, with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What became of all runs of one kind. Of moves: Wilson. Of runs, which are what is independent: percentile bootstrap. */
export interface Row {
  readonly name: string;
  readonly runs: number;
  readonly hours: number;
  /** For a gain. */
  readonly moves: number;
  readonly detours: number;
  readonly movesPerHour: Estimate;
  /**
   * Moves over whose life packets fared worse than by BGP's own choice, or than by the peer that was left; than BGP's choice alone; and
   * than either by more than 1 ms.
   */
  readonly worse: Estimate;
  readonly worseThanBgp: Estimate;
  readonly clearlyWorse: Estimate;
  /** The published measure of AltPath, round trips alone against BGP's choice: 20 ms and more worse, kept, any gain kept. */
  readonly anchor: Anchor;
  /** The same of moves that said that they would gain 20 ms and more, as all of AltPath's did. */
  readonly anchorLarge: Anchor;
  /** 20 ms of the objective, losses counted, than by either. */
  readonly worseBy20: Estimate;
  /** What moves that made it worse cost, as a share of what all moves won against BGP's choice; both times traffic. */
  readonly harm: Estimate;
  /** Moves of a destination within an hour after its last one, and destinations that moved so. */
  readonly movedAgain: number;
  readonly movedAgainWho: number;
  /** Moves to a peer that had been left within the hour before. */
  readonly wentBack: number;
  /** Of those worse, how many were about destinations that lie. */
  readonly worseByLies: number;
  /** Moves to a peer whose session goes up and down. */
  readonly toFlapping: number;
  /** Of what an oracle wins that is bound by the policy; of the gains that policy asks for, in each cycle; of all there are. */
  readonly won: Estimate;
  readonly wonAtOnce: Estimate;
  readonly wonOfAll: Estimate;
  /** Moves an hour of that oracle. */
  readonly oracleMovesPerHour: Estimate;
  /** Shares of what that oracle wins that were not won, by why; and moves that made it worse, by what changed. */
  readonly lostBy: readonly (readonly [string, number])[];
  readonly worseBy: readonly (readonly [string, number])[];
  /** By what moves promised. */
  readonly promised: readonly Promised[];
  /** Ms a packet above the oracle's: by BGP, and by the decisions. */
  readonly regretBgpMs: Estimate;
  readonly regretMs: Estimate;
}

/** Moves out of a hole that BGP chose left out: they gain a second each. */
export interface Anchor {
  readonly moves: number;
  readonly worse: Estimate;
  readonly kept: Estimate;
  readonly keptAny: Estimate;
}

const ANCHOR_MS = 20;

function anchorOf(all: readonly Move[]): Anchor {
  const moves = all.filter(({ outOfHole }) => !outOfHole);
  const share = (is: (rttGainMs: number) => boolean): Estimate =>
    proportion(moves.filter(({ rttGainMs }) => is(rttGainMs)).length, moves.length);
  return {
    moves: moves.length,
    worse: share((ms) => ms <= -ANCHOR_MS),
    kept: share((ms) => ms >= ANCHOR_MS),
    keptAny: share((ms) => ms > 0),
  };
}

function proportion(events: number, trials: number): Estimate {
  const [low, high] = wilson({ events, trials }, 0.025);
  return { value: trials === 0 ? 0 : events / trials, low, high };
}

/** Moves for a gain: a detour costs its destination something, and spares all others on the full link more. */
function forGain({ moves }: Outcome): readonly Move[] {
  return moves.filter(({ reason }) => reason !== "detour");
}

export function summarise(name: string, outcomes: readonly Outcome[], seed: number): Row {
  const random = new Random(seed);
  const all = outcomes.flatMap((one) => one.moves);
  const moves = outcomes.flatMap(forGain);
  const least = ({ gainMs, stepMs }: Move): number => Math.min(gainMs, stepMs);
  const worse = moves.filter((move) => least(move) < 0);
  const share = (events: number): Estimate => proportion(events, moves.length);
  const over = (of: (chosen: readonly Outcome[]) => number): Estimate => bootstrap(random, outcomes, of);
  const sum = (chosen: readonly Outcome[], of: (one: Outcome) => number): number =>
    chosen.reduce((all, one) => all + of(one), 0);
  const ratio = (above: (one: Outcome) => number, below: (one: Outcome) => number): Estimate =>
    over((chosen) => sum(chosen, above) / Math.max(1e-9, sum(chosen, below)));
  return {
    name,
    runs: outcomes.length,
    hours: sum(outcomes, ({ hours }) => hours),
    moves: moves.length,
    detours: all.length - moves.length,
    movesPerHour: ratio(
      (one) => one.moves.length,
      ({ hours }) => hours,
    ),
    worse: share(worse.length),
    worseThanBgp: share(worse.filter(({ gainMs }) => gainMs < 0).length),
    clearlyWorse: share(worse.filter((move) => least(move) < -1).length),
    anchor: anchorOf(moves),
    anchorLarge: anchorOf(moves.filter(({ saidMs }) => saidMs >= ANCHOR_MS)),
    worseBy20: share(worse.filter((move) => least(move) <= -ANCHOR_MS).length),
    promised: promisesOf(moves),
    harm: ratio(
      (one) => byTraffic(one, ({ leastByTraffic }) => Math.max(0, -leastByTraffic)),
      (one) => byTraffic(one, ({ gainByTraffic }) => gainByTraffic),
    ),
    movedAgain: sum(outcomes, (one) => one.movedAgain),
    movedAgainWho: sum(outcomes, (one) => one.movedAgainWho),
    wentBack: sum(outcomes, (one) => one.wentBack),
    worseByLies: worse.filter(({ lie }) => lie !== "none").length,
    toFlapping: sum(outcomes, (one) => one.toFlapping),
    won: ratio(
      (one) => one.bgpAlone - one.used,
      (one) => one.bgpAlone - one.ruled,
    ),
    wonAtOnce: ratio(
      (one) => one.bgp - one.used,
      (one) => one.bgp - one.policyOracle,
    ),
    wonOfAll: ratio(
      (one) => one.bgp - one.used,
      (one) => one.bgp - one.oracle,
    ),
    oracleMovesPerHour: ratio(
      (one) => one.ruledMoves,
      ({ hours }) => hours,
    ),
    lostBy: shares(
      outcomes.flatMap((one) => Object.entries(one.lostBy)),
      sum(outcomes, (one) => one.bgpAlone - one.ruled),
    ),
    worseBy: shares(
      worse.map(({ why }) => [why, 1] as const),
      1,
    ),
    regretBgpMs: ratio(
      (one) => one.bgp - one.oracle,
      ({ weight }) => weight,
    ),
    regretMs: ratio(
      (one) => one.used - one.oracle,
      ({ weight }) => weight,
    ),
  };
}

/** Over moves for a gain, but those out of a hole that BGP chose, which would hide all others. */
function byTraffic(one: Outcome, of: (move: Move) => number): number {
  return forGain(one).reduce((sum, move) => sum + (move.outOfHole ? 0 : of(move)), 0);
}

/** Added up by name, the greatest first. */
function shares(parts: Iterable<readonly [string, number]>, of: number): [string, number][] {
  const sums = new Map<string, number>();
  for (const [name, value] of parts) sums.set(name, (sums.get(name) ?? 0) + value / Math.max(1e-9, of));
  return [...sums].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
}

function bootstrap(
  random: Random,
  outcomes: readonly Outcome[],
  of: (chosen: readonly Outcome[]) => number,
): Estimate {
  const values = Array.from({ length: 1000 }, () =>
    of(outcomes.flatMap(() => outcomes[random.below(outcomes.length)] ?? [])),
  ).sort((a, b) => a - b);
  return { value: of(outcomes), low: values[24] ?? 0, high: values[975] ?? 0 };
}

export function markdown(rows: readonly Row[]): string {
  return [
    "| case | runs, hours | moves for a gain, detours | moves an hour (the oracle's) | made it worse | than BGP's choice | by more than 1 ms | won, of what the oracle wins | won, of what policy asks for in each cycle | won, of all there is | regret by BGP, ms | regret, ms |",
    "|---|---:|---:|---:|---|---|---|---|---|---|---|---|",
    ...rows.map((row) => {
      const equal = row.oracleMovesPerHour.value === 0;
      const cells = [
        row.name,
        `${row.runs}, ${row.hours.toFixed(0)}`,
        `${row.moves}, ${row.detours}`,
        `${range(row.movesPerHour, (value) => value.toFixed(0))} (${row.oracleMovesPerHour.value.toFixed(0)})`,
        row.moves === 0 ? "" : `${range(row.worse, percent)}; ${row.worseByLies} by lies`,
        row.moves === 0 ? "" : range(row.worseThanBgp, percent),
        row.moves === 0 ? "" : range(row.clearlyWorse, percent),
        equal ? "" : range(row.won, percent),
        equal ? "" : range(row.wonAtOnce, percent),
        equal ? "" : range(row.wonOfAll, percent),
        range(row.regretBgpMs, (value) => value.toFixed(2)),
        range(row.regretMs, (value) => value.toFixed(2)),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

/** Moves by the measure of the published anchor, with what they cost and whether destinations went to and fro. */
export function anchorMarkdown(rows: readonly Row[]): string {
  return [
    "| case | moves | 20 ms worse | kept 20 ms | kept any gain | moves that promised 20 ms | 20 ms worse | kept 20 ms | kept any gain | 20 ms worse with losses, than either | harm of what was won, by traffic | moved again within an hour (destinations), to a peer left within it |",
    "|---|---:|---|---|---|---:|---|---|---|---|---|---:|",
    ...rows.map(({ name, anchor, anchorLarge, worseBy20, harm, movedAgain, movedAgainWho, wentBack }) => {
      const of = ({ moves, worse, kept, keptAny }: Anchor): string[] => [
        `${moves}`,
        ...[worse, kept, keptAny].map((one) => (moves === 0 ? "" : range(one, percent))),
      ];
      const some = anchor.moves > 0;
      const cells = [
        name,
        ...of(anchor),
        ...of(anchorLarge),
        some ? range(worseBy20, percent) : "",
        some ? range(harm, percent) : "",
        `${movedAgain} (${movedAgainWho}), ${wentBack}`,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

/** What there is to learn from each case: not won, in shares of what the oracle wins; and moves that made it worse. */
export function whyMarkdown(rows: readonly Row[]): string {
  return rows
    .flatMap(({ name, lostBy, worseBy, promised }) => [
      `${name}:`,
      "",
      ...lostBy.slice(0, 16).map(([why, share]) => `- not won ${percent(share)}: ${why}`),
      ...worseBy.map(([why, count]) => `- made it worse, ${count}: ${why}`),
      "",
      promisesMarkdown(promised),
      "",
    ])
    .join("\n");
}

function range({ value, low, high }: Estimate, show: (value: number) => string): string {
  return `${show(value)} (${show(low)} to ${show(high)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
