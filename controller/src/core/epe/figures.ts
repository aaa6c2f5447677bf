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

export function figuresOf(
  view: CycleView,
  times: readonly CycleTime[],
  row: number,
  column: number,
  { cycles, lossCycles }: { readonly cycles: number; readonly lossCycles: number },
): Figures {
  const base = (row * view.peers.length + column) * view.slots;
  let answered = 0;
  let [withProbes, sent, lost, silentFor, fulls] = [0, 0, 0, 0, 0];
  let [askedMs, newestMs]: (number | undefined)[] = [];
  let full: Figures["full"] = "unknown";
  for (const { slot, beganMs } of times) {
    const at = base + slot;
    const sentNow = view.sent[at] ?? 0;
    if (sentNow === 0) continue;
    if (withProbes >= lossCycles) break;
    askedMs ??= beganMs;
    const lostNow = view.lost[at] ?? 0;
    if (lostNow < sentNow) newestMs ??= beganMs;
    if (newestMs === undefined) silentFor++;
    sent += sentNow;
    lost += lostNow;
    if (withProbes < cycles && answered < MOST_CYCLES) {
      const rtt = view.medianMs[at] ?? Number.NaN;
      if (!Number.isNaN(rtt)) {
        rtts[answered] = rtt;
        jitters[answered++] = view.jitterMs[at] ?? 0;
      }
    }
    withProbes++;
    const seen = (view.flags[at] ?? 0) & FLAG.fullMask;
    // A full probe that is lost where the small ones are lost too tells nothing of size.
    if (seen === 0 || full === "arrives" || full === "too-big" || fulls >= FULL_PROBES) continue;
    if (seen === FLAG.lost && lostNow === sentNow) continue;
    fulls++;
    if (seen === FLAG.arrived) full = "arrives";
    else if (seen === FLAG.tooBig && fulls === 1) full = "too-big";
    else full = "lost";
  }
  return {
    base,
    rttMs: middle(rtts, answered),
    jitterMs: middle(jitters, answered),
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

/** Median of the first `count`, whose order is lost: Hoare's FIND (1961), for sorting them takes three times as long. */
function middle(values: Float64Array, count: number): number | undefined {
  if (count === 0) return undefined;
  const wanted = count >> 1;
  let [left, right] = [0, count - 1];
  while (left < right) {
    const pivot = values[wanted] ?? 0;
    let [low, high] = [left, right];
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low++;
      while (pivot < (values[high] ?? 0)) high--;
      if (low > high) continue;
      const kept = values[low] ?? 0;
      values[low++] = values[high] ?? 0;
      values[high--] = kept;
    }
    if (high < wanted) left = low;
    if (wanted < low) right = high;
  }
  const upper = values[wanted] ?? 0;
  if (count % 2 === 1) return upper;
  let lower = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < wanted; at++) lower = Math.max(lower, values[at] ?? 0);
  return (lower + upper) / 2;
}
