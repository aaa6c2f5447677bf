import { selectMiddle } from "../release/stats/order.ts";
import { type CycleTime, type CycleView, FLAG } from "./evidence/view.ts";

/** What the last cycles say of one destination by one peer, from one node. */
export interface Figures {
  /** Where its cycles begin in the lists of the view. */
  readonly base: number;
  /** Medians over the cycles judged; undefined without answers. */
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  /** Of them, cycles with a median. */
  readonly answered: number;
  /** Cycles with probes, and probes, over the longer time that losses are judged by. */
  readonly cycles: number;
  readonly sent: number;
  readonly lost: number;
  /** Begin of the newest cycle in which something was sent, and of the newest in which something came back. */
  readonly askedMs: number | undefined;
  readonly newestMs: number | undefined;
  /** Nothing came back in the newest cycles with probes. */
  readonly silent: boolean;
  readonly full: "arrives" | "lost" | "too-big" | "unknown";
}

/** Cycles without any answer after which a peer counts as silent. */
const SILENT_CYCLES = 3;
/** What the fabric file lets be judged together at most (epe-schema.ts). */
const MOST_CYCLES = 64;
/** Full probes of which one must have arrived. */
const FULL_PROBES = 4;

/** Room for the cycles judged, used again for each cell: a decision looks at a hundred thousand. */
const rtts = new Float64Array(MOST_CYCLES);
const jitters = new Float64Array(MOST_CYCLES);

/** Slots of a view from the newest cycle on, and when those began. */
export interface CycleOrder {
  readonly slots: Int32Array;
  readonly beganMs: Float64Array;
}

export function orderOf(times: readonly CycleTime[]): CycleOrder {
  return {
    slots: Int32Array.from(times, ({ slot }) => slot),
    beganMs: Float64Array.from(times, ({ beganMs }) => beganMs),
  };
}

export function figuresOf(
  { peers, slots, sent: sents, lost: losts, medianMs, jitterMs, flags }: CycleView,
  order: CycleOrder,
  row: number,
  column: number,
  { cycles, lossCycles }: { readonly cycles: number; readonly lossCycles: number },
): Figures {
  const base = (row * peers.length + column) * slots;
  const count = order.slots.length;
  const judged = Math.min(cycles, MOST_CYCLES);
  let [answered, withProbes, sent, lost, silentFor, fulls] = [0, 0, 0, 0, 0, 0];
  let [askedMs, newestMs]: (number | undefined)[] = [];
  let full: Figures["full"] = "unknown";
  let known = false;
  for (let place = 0; place < count && withProbes < lossCycles; place++) {
    const at = base + (order.slots[place] ?? 0);
    const sentNow = sents[at] ?? 0;
    if (sentNow === 0) continue;
    const lostNow = losts[at] ?? 0;
    sent += sentNow;
    lost += lostNow;
    withProbes++;
    // Of what is older only the sums are asked.
    if (known && withProbes > cycles) continue;
    askedMs ??= order.beganMs[place];
    if (newestMs === undefined) {
      if (lostNow < sentNow) newestMs = order.beganMs[place];
      else silentFor++;
    }
    const rtt = medianMs[at] ?? Number.NaN;
    if (withProbes <= judged && !Number.isNaN(rtt)) {
      rtts[answered] = rtt;
      jitters[answered++] = jitterMs[at] ?? 0;
    }
    const seen = (flags[at] ?? 0) & FLAG.fullMask;
    // A full probe that is lost where the small ones are lost too tells nothing of size.
    if (seen !== 0 && !isKnown(full, fulls) && (seen !== FLAG.lost || lostNow !== sentNow)) {
      fulls++;
      if (seen === FLAG.arrived) full = "arrives";
      else if (seen === FLAG.tooBig && fulls === 1) full = "too-big";
      else full = "lost";
    }
    known = newestMs !== undefined && isKnown(full, fulls);
  }
  return {
    base,
    rttMs: selectMiddle(rtts, answered),
    jitterMs: selectMiddle(jitters, answered),
    answered,
    cycles: withProbes,
    sent,
    lost,
    askedMs,
    newestMs,
    silent: silentFor >= SILENT_CYCLES,
    full,
  };
}

function isKnown(full: Figures["full"], fulls: number): boolean {
  return full === "arrives" || full === "too-big" || fulls >= FULL_PROBES;
}
