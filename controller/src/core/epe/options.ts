import { compareGain, guessGain } from "./compare.ts";
import type { Context } from "./context.ts";
import type { GainArithmetic, PeerCode } from "./decision.ts";
import { beyondLimit } from "./limits.ts";
import type { MoveReason } from "./memory.ts";
import type { Row } from "./row.ts";

/** A peer to move to, and what it gains. */
export interface Option {
  readonly peer: number;
  readonly reason: MoveReason;
  readonly comparison: GainArithmetic;
}

/** Medians may differ from the estimate by this; what is guessed to gain less than the rest of what is needed is not compared. */
const GUESS_SHARE = 0.5;

/**
 * Peers that are better than what traffic leaves by now, the best first; and the verdict on each of the others. Better is: of a better
 * rank and not measurably worse; or surely and by enough ahead; or within the hard limits that the current one breaks.
 */
export function optionsOf(context: Context, row: Row): readonly Option[] {
  const { current, vantage, sides, traffic, eligible } = row;
  const from = current === undefined ? undefined : sides[current];
  if (current === undefined || from === undefined || vantage === undefined) return [];
  const { objective, ranks } = traffic;
  const { numbers } = context.input.policy;
  const { view, times } = vantage;
  const broken = beyondLimit(objective, from, true) !== undefined;
  const options: Option[] = [];
  for (const peer of eligible) {
    const to = sides[peer];
    if (to === undefined) continue;
    const preferred = (ranks[peer] ?? 1) < (ranks[current] ?? 1);
    const aside = preferred || broken;
    if (!aside && guessGain(from, to, objective) < numbers.minimumGainMs * GUESS_SHARE) continue;
    // Who is preferred must only not be worse; who shall gain must surely keep more than what would be given up again.
    const overMs = aside ? -numbers.minimumGainMs : numbers.keepGainMs;
    const comparison = compareGain(view, times, from, to, { objective, numbers, overMs });
    const sure = comparison.p <= numbers.error;
    const gains = !aside && comparison.gainMs >= comparison.neededMs;
    const code: PeerCode =
      comparison.lossMs < 0 ? "loss" : aside || gains ? (sure || broken ? "less" : "not-sure") : "no-gain";
    say(row, peer, code, comparison);
    if (code !== "less") continue;
    const avoided = (ranks[current] ?? 1) === 2;
    const reason = broken ? "limit" : !preferred ? "gain" : avoided ? "leave-avoided" : "preferred";
    options.push({ peer, reason, comparison });
  }
  const rank = ({ peer }: Option): number => ranks[peer] ?? 1;
  options.sort((a, b) => rank(a) - rank(b) || b.comparison.gainMs - a.comparison.gainMs || a.peer - b.peer);
  return options;
}

/** Puts what was found into the verdict on a peer. */
export function say(row: Row, peer: number, code: PeerCode, comparison?: GainArithmetic): void {
  const verdict = row.verdicts[peer];
  if (verdict === undefined) return;
  row.verdicts[peer] = { ...verdict, code, ...(comparison === undefined ? {} : { comparison }) };
}
