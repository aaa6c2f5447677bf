import { type Bouts, goesOn, isOver } from "./bouts.ts";
import { chanceOfMore, type LossPosterior, type LossPrior, meanShare, posteriorOf } from "./loss-prior.ts";
import { type LossGain, type LossQuestion, limitedIn, NO_LOSS, usableBouts } from "./loss-question.ts";

/** What two ways lose, by how often ways lose here: the posterior of empirical Bayes (loss-prior.ts). */

/** Ways are taken to lose in so many bouts more, of the mean size: of few of its own a way's size is not known. */
const SIZE_BOUTS = 3;
/** Bouts more without which no gain is seen. */
const LEAST_BOUTS = 2;
/** Chance that nothing, or as good as nothing, is gained, above which no gain is seen; and the share of packets that is as good as nothing. */
const CHANCE = 0.02;
const NOTHING = 0.001;
/** What has likelier ended than so is no reason to move. */
const GOES_ON = 0.2;
/** After a move, harm that is older is for the long windows alone to see. */
const FRESH = 10;

/** Before a move: a gain where it is all but sure that there is one, harm wherever more was lost. Each for what it is in the mean. */
export function gainToMove(asked: LossQuestion, prior: LossPrior, count: number): LossGain {
  const { from, to, numbers } = asked;
  const [a, b] = [usableBouts(asked, count, from), usableBouts(asked, count, to)];
  if (a.sent === 0 || b.sent === 0) return NO_LOSS;
  const [leftSize, takenSize] = [sizeOf(a, count, prior), sizeOf(b, count, prior)];
  const longest = prior.windows[0];
  // Mostly neither has lost anything in all cycles that are kept, and only what nobody has seen is left to be asked about.
  if (longest !== undefined && a.lost === 0 && b.lost === 0) {
    const looked = Math.min(count, longest.cycles);
    const from = of(longest.weights, a, looked, leftSize);
    return { ...NO_LOSS, known: { from, to: of(longest.weights, b, looked, takenSize) } };
  }
  const judged = Math.min(count, numbers.cycles);
  const [now, other] = [usableBouts(asked, judged, from), usableBouts(asked, judged, to)];
  const lasts = goesOn(a);
  const seen =
    now.lost * other.sent > other.lost * now.sent && a.bouts - b.bouts >= LEAST_BOUTS && lasts >= GOES_ON;
  let harm = 0;
  let best = NO_LOSS;
  let known: LossGain["known"];
  for (const { cycles, weights } of prior.windows) {
    const looked = Math.min(count, cycles);
    const [own, its] = [usableBouts(asked, looked, from), usableBouts(asked, looked, to)];
    const [left, taken] = [of(weights, own, looked, leftSize), of(weights, its, looked, takenSize)];
    known ??= { from: left, to: taken };
    const mean = meanShare(left) - meanShare(taken);
    if (its.lost > own.lost && its.bouts >= own.bouts) harm = Math.min(harm, mean);
    if (!seen || mean <= 0) continue;
    const p = 1 - chanceOfMore(left, taken, NOTHING);
    if (p <= CHANCE && p < best.p) best = { difference: lasts * mean, p };
  }
  const said = harm < 0 ? { difference: harm, p: 1 } : best.p < 1 && limitedIn(asked, count) ? NO_LOSS : best;
  return known === undefined ? said : { ...said, known };
}

/**
 * After a move: harm as it is in the mean, of cycles after the move alone; else the gain in the mean, for as long as what was left is
 * likely to lose still.
 */
export function gainToStay(asked: LossQuestion, prior: LossPrior, count: number, held: number): LossGain {
  const { from, to } = asked;
  const [a, b] = [usableBouts(asked, count, from), usableBouts(asked, count, to)];
  if (a.sent === 0 || b.sent === 0) return NO_LOSS;
  const [leftSize, takenSize] = [sizeOf(a, count, prior), sizeOf(b, count, prior)];
  const lasts = isOver(a) ? 0 : goesOn(a);
  let [harm, gain] = [0, 0];
  for (const { cycles, weights } of prior.windows) {
    const mean = (looked: number): { readonly own: Bouts; readonly its: Bouts; readonly share: number } => {
      const [own, its] = [usableBouts(asked, looked, from), usableBouts(asked, looked, to)];
      const [left, taken] = [of(weights, own, looked, leftSize), of(weights, its, looked, takenSize)];
      return { own, its, share: meanShare(left) - meanShare(taken) };
    };
    const after = Math.min(held, cycles);
    if (after > 0) {
      const { own, its, share } = mean(after);
      if (its.lost > own.lost && its.age < FRESH) harm = Math.min(harm, share);
    }
    const { own, its, share } = mean(Math.min(count, cycles));
    if (own.bouts > its.bouts) gain = Math.max(gain, lasts * share);
  }
  return { difference: harm < 0 ? harm : gain, p: 1 };
}

function of(weights: Float64Array, { bouts }: Bouts, cycles: number, size: number): LossPosterior {
  return { chances: posteriorOf(weights, bouts, cycles), size };
}

/** Share of a cycle's probes that a bout takes; of few bouts mostly what it does by other ways. */
function sizeOf({ sent, lost, bouts }: Bouts, cycles: number, { lostPerBout }: LossPrior): number {
  return (lost + SIZE_BOUTS * lostPerBout) / (bouts + SIZE_BOUTS) / (sent / cycles);
}
