import type { EpeObjective } from "@vsix/shared/fabric/epe-model.ts";
import type { Vantage } from "./context.ts";
import { msOf, NO_TIME } from "./evidence/time-code.ts";
import { lostIn, sentIn } from "./evidence/view.ts";
import type { Figures } from "./figures.ts";
import type { EpeAccounts } from "./memory.ts";
import { begunAfter } from "./reading.ts";

/** What one override won over some cycles, against what BGP would have done. */
export interface Won {
  readonly cycles: number;
  readonly worseCycles: number;
  readonly wonMsCycles: number;
  /** Begin of the newest cycle counted. */
  readonly countedMs: number;
}

/** Counts the cycles that began after `afterMs`; loss as it was, without asking whether it is proven. */
export function won(
  { view, order }: Vantage,
  { weights }: EpeObjective,
  bgp: Figures,
  taken: Figures,
  afterMs: number,
): Won {
  let [cycles, worseCycles, wonMsCycles, countedMs] = [0, 0, 0, afterMs];
  const begun = begunAfter(order, afterMs);
  for (let place = 0; place < begun; place++) {
    const slot = order.slots[place] ?? 0;
    countedMs = Math.max(countedMs, order.beganMs[place] ?? 0);
    const [a, b] = [bgp.base + slot, taken.base + slot];
    const [own, theirs] = [view.told[a] ?? 0, view.told[b] ?? 0];
    const [sent, other] = [sentIn(own), sentIn(theirs)];
    if (sent === 0 || other === 0) continue;
    const rtt = msOf(view.rtts[a] ?? NO_TIME) - msOf(view.rtts[b] ?? NO_TIME);
    const jitter = msOf(view.jitters[a] ?? NO_TIME) - msOf(view.jitters[b] ?? NO_TIME);
    const latencyMs = Number.isNaN(rtt) ? 0 : weights.rtt * rtt + weights.jitter * jitter;
    const loss = lostIn(own) / sent - lostIn(theirs) / other;
    const gainMs = latencyMs + weights.lossPercent * 100 * loss;
    cycles++;
    wonMsCycles += gainMs;
    if (gainMs < 0) worseCycles++;
  }
  return { cycles, worseCycles, wonMsCycles, countedMs };
}

export function add(accounts: EpeAccounts, more: Partial<EpeAccounts>): EpeAccounts {
  const sum = (key: keyof EpeAccounts): number => accounts[key] + (more[key] ?? 0);
  return {
    moves: sum("moves"),
    kept: sum("kept"),
    takenBack: sum("takenBack"),
    reverted: sum("reverted"),
    cycles: sum("cycles"),
    worseCycles: sum("worseCycles"),
    wonMsCycles: sum("wonMsCycles"),
  };
}
