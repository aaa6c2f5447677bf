import { type ClusteredShare, clusteredOf } from "../release/stats/blocks.ts";
import { type Share, scoreTest } from "../release/stats/proportions.ts";
import { allLost, allSent, fullsTell, isClean, isOver } from "./bouts.ts";
import { lostIn, sentIn } from "./evidence/view.ts";
import { gainToMove, gainToStay } from "./loss-posterior.ts";
import {
  findUsable,
  heldOf,
  LIMITED_SHARE,
  type LossGain,
  type LossQuestion,
  limitedIn,
  mostlyLimited,
  NO_LOSS,
  usableBouts,
  usablePlace,
} from "./loss-question.ts";

/** Bouts more by which a way is believed to be worse whenever they were; and probes more, of late. */
const HARM_BOUTS = 2;
const HARM_LOST = 2;
/** Before a move harm is taken to be so many times what was seen of it: of few bouts that is still likely. */
const CAUTION = 2;
/** Bouts more without which no gain is seen. */
const LEAST_BOUTS = 3;

/**
 * By how much less one way loses than another. Where enough ways are measured to say how often ways lose here, by what that makes
 * of what these two lost (loss-posterior.ts). Else harm is believed where suspected, and a gain only where a score test shows
 * that two equal ways would not differ so: that is sure whatever the network, and needs hundreds of probes.
 */
export function lossGain(asked: LossQuestion): LossGain {
  const { view, from, to, numbers, shown, prior } = asked;
  const { cycles, lossCycles, error } = numbers;
  // Mostly neither has lost anything in all cycles that are kept; but before a move it counts how long that was seen.
  if ((prior === undefined || !shown) && isClean(view, from) && isClean(view, to)) return NO_LOSS;
  const count = findUsable(asked);
  if (count < LIMITED_SHARE * lossCycles && mostlyLimited(asked)) return NO_LOSS;
  const held = heldOf(asked, count);
  if (prior !== undefined)
    return shown ? gainToMove(asked, prior, count) : gainToStay(asked, prior, count, held);
  const harm = Math.min(harmIn(asked, held), harmIn(asked, Math.min(held, cycles)));
  if (harm < 0) return { difference: harm, p: 1 };
  const [a, b] = [usableBouts(asked, count, from), usableBouts(asked, count, to)];
  if (a.sent === 0 || b.sent === 0) return NO_LOSS;
  const clean = a.lost / a.sent - b.lost / b.sent;
  if (clean <= 0 || isOver(a)) return NO_LOSS;
  if (!shown) return { difference: clean * lowerShare(a.bouts - b.bouts), p: 1 };
  const judged = Math.min(count, cycles);
  const [now, other] = [usableBouts(asked, judged, from), usableBouts(asked, judged, to)];
  // What was lost long ago and is not any more is no reason to move now.
  const difference = now.lost / now.sent - other.lost / other.sent;
  if (a.lost - b.lost < LEAST_BOUTS || difference <= 0 || limitedIn(asked, count)) return NO_LOSS;
  const looks = [count, judged, Math.min(count, Math.ceil(cycles / 2.4))];
  // Three looks, at what hangs together.
  const p = looks.length * Math.min(...looks.map((look) => test(asked, look)));
  return p <= error ? { difference, p } : NO_LOSS;
}

/** By how much less `from` lost than `to` in the newest usable cycles, at most 0; 0 where that may well be chance. */
function harmIn(asked: LossQuestion, count: number): number {
  const { from, to, numbers, shown } = asked;
  const [a, b] = [usableBouts(asked, count, from), usableBouts(asked, count, to)];
  if (b.lost <= a.lost) return 0;
  // Before a move one burst is enough, whenever it was; after it, one that is old and was the only one is forgiven.
  const late = (shown || b.age < numbers.cycles / 3) && b.lost - a.lost >= HARM_LOST;
  if (!late && b.bouts - a.bouts < HARM_BOUTS) return 0;
  return (shown ? CAUTION : 1) * Math.min(0, a.lost / a.sent - b.lost / b.sent);
}

/** P that `from` does not lose more than `to` in the newest usable cycles. Both are taken to lose in clusters as great as those of either. */
function test(asked: LossQuestion, count: number): number {
  if (count < 3) return 1;
  const [a, b] = [clusters(asked, count, asked.from), clusters(asked, count, asked.to)];
  const effect = Math.max(a.designEffect, b.designEffect);
  const effective = ({ counted }: ClusteredShare): Share => ({
    events: counted.events / effect,
    trials: counted.trials / effect,
  });
  return scoreTest(effective(a), effective(b), 0).pGreater;
}

/** What was lost and sent cycle by cycle, of the way at hand. */
let [events, trials] = [new Uint8Array(128), new Uint8Array(128)];

function clusters({ view, order }: LossQuestion, count: number, base: number): ClusteredShare {
  if (events.length < count) [events, trials] = [new Uint8Array(count), new Uint8Array(count)];
  const fulls = fullsTell(view, base / view.slots);
  for (let at = 0; at < count; at++) {
    const told = view.told[base + (order.slots[usablePlace(at)] ?? 0)] ?? 0;
    events[at] = fulls ? allLost(told) : lostIn(told);
    trials[at] = fulls ? allSent(told) : sentIn(told);
  }
  return clusteredOf(events, trials, count);
}

/** Of a rate seen in so many bouts the lower end (one in ten is below), as a share of it; Wilson and Hilferty (1931). */
export function lowerShare(bouts: number): number {
  return bouts < 1 ? 0 : Math.max(0, 1 - 1 / (9 * bouts) - 1.2816 / (3 * Math.sqrt(bouts))) ** 3;
}
