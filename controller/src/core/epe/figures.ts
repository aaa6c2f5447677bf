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
const rtts = new Float32Array(MOST_CYCLES);
const jitters = new Float32Array(MOST_CYCLES);
const rttBits = new Int32Array(rtts.buffer);
const jitterBits = new Int32Array(jitters.buffer);
const result = new Float32Array(1);
const resultBits = new Int32Array(result.buffer);

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
  const places = order.slots;
  const count = places.length;
  const judged = Math.min(cycles, MOST_CYCLES);
  let answered = 0;
  let withProbes = 0;
  let sent = 0;
  let lost = 0;
  let silentFor = 0;
  let fulls = 0;
  let asked = -1;
  let newest = -1;
  let full: Figures["full"] = "unknown";
  let place = 0;
  for (; place < count && withProbes < lossCycles; place++) {
    const at = base + (places[place] ?? 0);
    const sentNow = sents[at] ?? 0;
    if (sentNow === 0) continue;
    // Of what is older only sums are asked.
    if (withProbes >= cycles && newest >= 0 && isKnown(full, fulls)) break;
    const lostNow = losts[at] ?? 0;
    sent += sentNow;
    lost += lostNow;
    withProbes++;
    if (asked < 0) asked = place;
    if (newest < 0) {
      if (lostNow < sentNow) newest = place;
      else silentFor++;
    }
    const rtt = medianMs[at] ?? Number.NaN;
    if (withProbes <= judged && !Number.isNaN(rtt)) {
      rtts[answered] = rtt;
      jitters[answered++] = jitterMs[at] ?? 0;
    }
    if (isKnown(full, fulls)) continue;
    const seen = (flags[at] ?? 0) & FLAG.fullMask;
    // A full probe that is lost where the small ones are lost too tells nothing of size.
    if (seen === 0 || (seen === FLAG.lost && lostNow === sentNow)) continue;
    fulls++;
    if (seen === FLAG.arrived) full = "arrives";
    else if (seen === FLAG.tooBig && fulls === 1) full = "too-big";
    else full = "lost";
  }
  for (; place < count && withProbes < lossCycles; place++) {
    const at = base + (places[place] ?? 0);
    const sentNow = sents[at] ?? 0;
    if (sentNow === 0) continue;
    sent += sentNow;
    lost += losts[at] ?? 0;
    withProbes++;
  }
  return {
    base,
    rttMs: middle(rttBits, answered),
    jitterMs: middle(jitterBits, answered),
    answered,
    cycles: withProbes,
    sent,
    lost,
    askedMs: order.beganMs[asked],
    newestMs: order.beganMs[newest],
    silent: silentFor >= SILENT_CYCLES,
    full,
  };
}

function isKnown(full: Figures["full"], fulls: number): boolean {
  return full === "arrives" || full === "too-big" || fulls >= FULL_PROBES;
}

/**
 * Median of the first `count`, whose order is lost. They are times, so not negative, and the bits of such numbers are in their order
 * (IEEE 754, section 5.10): Hoare's FIND (1961) without a branch that depends on the data, which takes half as long.
 */
function middle(bits: Int32Array, count: number): number | undefined {
  if (count === 0) return undefined;
  const wanted = count >> 1;
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const at = (left + right) >> 1;
    const pivot = bits[at] ?? 0;
    bits[at] = bits[right] ?? 0;
    let less = left;
    for (let place = left; place < right; place++) {
      const value = bits[place] ?? 0;
      bits[place] = bits[less] ?? 0;
      bits[less] = value;
      less += (value - pivot) >>> 31;
    }
    bits[right] = bits[less] ?? 0;
    bits[less] = pivot;
    if (less === wanted) break;
    if (less < wanted) left = less + 1;
    else right = less - 1;
  }
  const upper = numberOf(bits[wanted] ?? 0);
  if (count % 2 === 1) return upper;
  let lower = 0;
  for (let at = 0; at < wanted; at++) lower = Math.max(lower, bits[at] ?? 0);
  return (numberOf(lower) + upper) / 2;
}

function numberOf(bits: number): number {
  resultBits[0] = bits;
  return result[0] ?? 0;
}
