import { msOf, NO_TIME } from "./evidence/time-code.ts";
import { type CycleTime, type CycleView, FLAG, lostIn, sentIn } from "./evidence/view.ts";

/** What the last cycles say of one destination by one peer, from one node. */
export interface Figures {
  /** Where its cycles begin in the lists of the view. */
  readonly base: number;
  /** Medians over the cycles judged; undefined without answers. */
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  /** Median of the newest few of them: after a step the others speak of what was before. */
  readonly recentMs: number | undefined;
  /** Of them, cycles with a median. */
  readonly answered: number;
  /** Cycles with probes, and probes, of all that are kept: the longer time that losses are judged by. */
  readonly cycles: number;
  readonly sent: number;
  readonly lost: number;
  /** Places, the newest cycle being 0, of the newest cycle in which something was sent, and in which something came back; -1: none. */
  readonly asked: number;
  readonly newest: number;
  /** Nothing came back in the newest cycles with probes. */
  readonly silent: boolean;
  readonly full: "arrives" | "lost" | "too-big" | "unknown";
  /** That the newest answer arrived with; 0: not told. */
  readonly hopLimit: number;
  /** A bit for each of the newest STRAY_CYCLES cycles in which answers came that prove nothing. */
  readonly strayIn: number;
}

/**
 * A peer counts as silent after so many of these without any answer: what a cycle weighs, and what one does of a host that limits its
 * answers and so is silent by chance. Three cycles, or ten.
 */
const SILENT = 30;
const SILENT_CYCLE = 10;
const SILENT_LIMITED_CYCLE = 3;
/** What the fabric file lets be judged together at most (epe-schema.ts). */
const MOST_CYCLES = 64;
/** Cycles of `recentMs`. */
const RECENT_CYCLES = 9;
/** Newest cycles that answers which prove nothing are counted in. */
export const STRAY_CYCLES = 10;
/** Full probes of which one must have arrived. */
const FULL_PROBES = 4;

/** Room for the cycles judged, used again for each cell: a decision looks at a hundred thousand. */
const rtts = new Int32Array(MOST_CYCLES);
const jitters = new Int32Array(MOST_CYCLES);
const recents = new Int32Array(RECENT_CYCLES);

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

export function figuresOf(view: CycleView, order: CycleOrder, cell: number, cycles: number): Figures {
  const { told, rtts: rttCodes, jitters: jitterCodes } = view;
  const base = cell * view.slots;
  const places = order.slots;
  const count = places.length;
  const judged = Math.min(cycles, MOST_CYCLES);
  let answered = 0;
  let withProbes = 0;
  let silentFor = 0;
  let strayIn = 0;
  let fulls = 0;
  let asked = -1;
  let newest = -1;
  let full: Figures["full"] = "unknown";
  for (let place = 0; place < count; place++) {
    const at = base + (places[place] ?? 0);
    const now = told[at] ?? 0;
    if (place < STRAY_CYCLES && (now & FLAG.stray) !== 0) strayIn |= 1 << place;
    const sent = sentIn(now);
    if (sent === 0) continue;
    const lost = lostIn(now);
    if (withProbes >= judged && newest >= 0 && isKnown(full, fulls)) break;
    withProbes++;
    if (asked < 0) asked = place;
    if (newest < 0) {
      if (lost < sent) newest = place;
      else silentFor += (now & FLAG.backedOff) === 0 ? SILENT_CYCLE : SILENT_LIMITED_CYCLE;
    }
    const rtt = rttCodes[at] ?? NO_TIME;
    if (withProbes <= judged && rtt !== NO_TIME) {
      rtts[answered] = rtt;
      jitters[answered++] = jitterCodes[at] ?? NO_TIME;
    }
    if (isKnown(full, fulls)) continue;
    const seen = now & FLAG.fullMask;
    // A full probe that is lost where the small ones are lost too tells nothing of size.
    if (seen === 0 || (seen === FLAG.lost && lost === sent)) continue;
    fulls++;
    if (seen === FLAG.arrived) full = "arrives";
    else if (seen === FLAG.tooBig && fulls === 1) full = "too-big";
    else full = "lost";
  }
  const recent = Math.min(answered, RECENT_CYCLES);
  for (let at = 0; at < recent; at++) recents[at] = rtts[at] ?? 0;
  return {
    base,
    rttMs: middle(rtts, answered),
    recentMs: middle(recents, recent),
    jitterMs: middle(jitters, answered),
    answered,
    cycles: view.cyclesOf[cell] ?? 0,
    sent: view.sentOf[cell] ?? 0,
    lost: view.lostOf[cell] ?? 0,
    asked,
    newest,
    silent: silentFor >= SILENT,
    full,
    hopLimit: view.hopLimits[cell] ?? 0,
    strayIn,
  };
}

function isKnown(full: Figures["full"], fulls: number): boolean {
  return full === "arrives" || full === "too-big" || fulls >= FULL_PROBES;
}

/**
 * Median of the first `count` codes of times, whose order is lost: Hoare's FIND (1961) without a branch that depends on the
 * data, which takes half as long.
 */
function middle(codes: Int32Array, count: number): number | undefined {
  if (count === 0) return undefined;
  const wanted = count >> 1;
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const at = (left + right) >> 1;
    const pivot = codes[at] ?? 0;
    codes[at] = codes[right] ?? 0;
    let less = left;
    for (let place = left; place < right; place++) {
      const value = codes[place] ?? 0;
      codes[place] = codes[less] ?? 0;
      codes[less] = value;
      less += (value - pivot) >>> 31;
    }
    codes[right] = codes[less] ?? 0;
    codes[less] = pivot;
    if (less === wanted) break;
    if (less < wanted) left = less + 1;
    else right = less - 1;
  }
  const upper = msOf(codes[wanted] ?? NO_TIME);
  if (count % 2 === 1) return upper;
  let lower = 0;
  for (let at = 0; at < wanted; at++) lower = Math.max(lower, codes[at] ?? 0);
  return (msOf(lower) + upper) / 2;
}
