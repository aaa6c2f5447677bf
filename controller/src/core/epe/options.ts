import { compareGain, type GuessPair, neededGain, upperBound, upperGuess } from "./compare.ts";
import type { Context } from "./context.ts";
import type { GainArithmetic, PeerCode } from "./decision.ts";
import { beyondLimit } from "./limits.ts";
import type { MoveReason } from "./memory.ts";
import { NOTHING, pairOf, type Row, sideOf } from "./row.ts";
import { say } from "./verdicts.ts";

/** A peer to move to, and what it gains. */
export interface Option {
  readonly peer: number;
  readonly reason: MoveReason;
  readonly comparison: GainArithmetic;
}

/** Medians differ from the estimate; but what is guessed to gain less than this part of what is needed gains too little. */
const GUESS_SHARE = 0.6;
/** Of what a gain must be, this part must be sure. */
const SURE_SHARE = 0.8;
/** Of the cycles judged so many gain: what comes and goes goes again as soon as traffic has moved. */
const STEADY_SHARE = 0.8;
/** Of the cycles that losses are judged by so many must have been seen; of a gain twice as great as needed, half of that. */
const EXPOSED = 0.4;
/** So many better peers are found, by the order of the guess; the rest is behind them. */
const ENOUGH = 3;
const NONE: readonly Option[] = [];
/** The pair at hand. */
const pair: GuessPair = { table: NOTHING, from: 0, to: 0, hops: 0, cost: 0 };

/**
 * Peers that are better than what traffic leaves by now, the best first; and the verdict on each of the others. Better is: of a better
 * rank and not measurably worse; or surely and by enough ahead; or within the hard limits that the current one breaks.
 */
export function optionsOf(context: Context, row: Row): readonly Option[] {
  const { current, vantage, sight, traffic } = row;
  if (current === undefined || vantage === undefined || sight === undefined) return NONE;
  const { objective, ranks } = traffic;
  const { numbers } = context.input.policy;
  const { view, order } = vantage;
  const broken = isBroken(context, row, current);
  const { table, first } = sight;
  const rttMs = table.answered[first + current] === 0 ? undefined : table.rttMs[first + current];
  const neededMs = neededGain(rttMs, objective, numbers);
  const worthMs = GUESS_SHARE * neededMs;
  const rank = (peer: number): number => ranks[peer] ?? 1;
  const preferredTo = (peer: number): boolean => rank(peer) < rank(current);
  const worth: { readonly peer: number; readonly guessMs: number }[] = [];
  for (const peer of row.eligible) {
    pairOf(context, sight, row.routes, current, peer, pair);
    const aside = broken || preferredTo(peer);
    if (!aside && upperBound(pair, objective) < worthMs) continue;
    const guessMs = upperGuess(pair, objective);
    if (aside || !(guessMs < worthMs)) worth.push({ peer, guessMs });
  }
  // Mostly nobody is worth more than a guess.
  const from = worth.length === 0 ? undefined : sideOf(context, row, current);
  if (from === undefined) return NONE;
  worth.sort((a, b) => compareNumbers(b.guessMs, a.guessMs) || a.peer - b.peer);
  const options: Option[] = [];
  for (const { peer } of worth) {
    const to = sideOf(context, row, peer);
    if (to === undefined) continue;
    const preferred = preferredTo(peer);
    const aside = preferred || broken;
    if (!aside && options.length >= ENOUGH) {
      say(row, peer, "less");
      continue;
    }
    // Who is preferred must only not be worse; who shall gain must surely keep more than what would be given up again.
    const overMs = aside ? -numbers.minimumGainMs : Math.max(numbers.keepGainMs, SURE_SHARE * neededMs);
    const comparison = compareGain(view, order, from, to, {
      objective,
      numbers,
      overMs,
      calmMs: context.calmMs(current, peer),
      prior: context.lossPrior(vantage),
      to: "move",
    });
    const sure = comparison.p <= numbers.error && (aside || comparison.share >= STEADY_SHARE);
    const gains = !aside && comparison.gainMs >= comparison.neededMs;
    // What it loses is not known until it has been asked often enough; but what loses now is left sooner.
    const exposed = EXPOSED * numbers.lossCycles * Math.max(0.5, comparison.neededMs / comparison.gainMs);
    const early = gains && comparison.lossMs <= 0 && to.figures.cycles < exposed;
    const code: PeerCode = early
      ? "no-data"
      : (aside ? comparison.lossMs > -numbers.keepGainMs : gains)
        ? sure || broken
          ? "less"
          : "not-sure"
        : comparison.lossMs < 0
          ? "loss"
          : "no-gain";
    say(row, peer, code, comparison);
    if (code !== "less") continue;
    const avoided = rank(current) === 2;
    const reason = broken ? "limit" : !preferred ? "gain" : avoided ? "leave-avoided" : "preferred";
    options.push({ peer, reason, comparison });
  }
  options.sort(
    (a, b) => rank(a.peer) - rank(b.peer) || b.comparison.gainMs - a.comparison.gainMs || a.peer - b.peer,
  );
  return options;
}

/** Is what traffic leaves by surely beyond a hard limit? */
function isBroken(context: Context, row: Row, current: number): boolean {
  const { traffic } = row;
  if (!context.limited.has(traffic)) return false;
  const from = sideOf(context, row, current);
  return from !== undefined && beyondLimit(traffic.objective, from, true) !== undefined;
}

/** Infinities are equal. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
