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

/** Median of the first `count`, which are put in order: so few that inserting each at its place is quickest. */
function middle(values: Float64Array, count: number): number | undefined {
  if (count === 0) return undefined;
  for (let at = 1; at < count; at++) {
    const value = values[at] ?? 0;
    let to = at;
    for (; to > 0 && (values[to - 1] ?? 0) > value; to--) values[to] = values[to - 1] ?? 0;
    values[to] = value;
  }
  return ((values[count >> 1] ?? 0) + (values[(count - 1) >> 1] ?? 0)) / 2;
}
