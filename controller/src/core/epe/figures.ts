import { fullsTell } from "./bouts.ts";
import { NO_TIME } from "./evidence/time-code.ts";
import { type CycleView, FLAG, lostIn, sentIn } from "./evidence/view.ts";
import { medianIn, medianOf } from "./medians.ts";
import { type CycleOrder, MOST_CYCLES, type Reading, readingOf } from "./reading.ts";

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
/** Cycles of `recentMs`. */
const RECENT_CYCLES = 9;
/** Newest cycles that answers which prove nothing are counted in. */
export const STRAY_CYCLES = 10;
/** Full probes of which one must have arrived. */
const FULL_PROBES = 4;

/**
 * Figures of many cells side by side, each list one field of `Figures`: a decision looks at a hundred thousand cells, and as many
 * objects take longer to make and to throw away than all that is asked of them. Of times those where `answered` is 0 say nothing.
 */
export interface FigureTable {
  /** Where they are from; undefined: nothing is known of any cell. */
  readonly reading: Reading | undefined;
  readonly base: Int32Array;
  readonly rttMs: Float64Array;
  /** NaN where nobody has asked yet: jitterIn. */
  readonly jitterMs: Float64Array;
  readonly recentMs: Float64Array;
  readonly answered: Uint8Array;
  readonly cycles: Uint16Array;
  readonly sent: Uint16Array;
  readonly lost: Uint16Array;
  /** And those of full size that count as lost: bouts.ts. */
  readonly allLost: Uint16Array;
  readonly asked: Int32Array;
  readonly newest: Int32Array;
  /** 1: so. */
  readonly silent: Uint8Array;
  /** Place in `FULL`. */
  readonly full: Uint8Array;
  readonly hopLimit: Uint8Array;
  readonly strayIn: Uint16Array;
}

/** What full probes say, as `FigureTable.full` has it. */
const FULL = ["unknown", "arrives", "lost", "too-big"] as const satisfies readonly Figures["full"][];
const UNKNOWN = FULL.indexOf("unknown");
export const ARRIVES = FULL.indexOf("arrives");
const LOST = FULL.indexOf("lost");
const TOO_BIG = FULL.indexOf("too-big");

/** Room for the cycles judged, used again for each cell. */
const codes = new Uint16Array(MOST_CYCLES);

/** Of so many cells nothing is known yet. */
export function newTable(cells: number, reading?: Reading): FigureTable {
  return {
    reading,
    base: new Int32Array(cells),
    rttMs: new Float64Array(cells),
    jitterMs: new Float64Array(cells).fill(Number.NaN),
    recentMs: new Float64Array(cells),
    answered: new Uint8Array(cells),
    cycles: new Uint16Array(cells),
    sent: new Uint16Array(cells),
    lost: new Uint16Array(cells),
    allLost: new Uint16Array(cells),
    asked: new Int32Array(cells).fill(-1),
    newest: new Int32Array(cells).fill(-1),
    silent: new Uint8Array(cells),
    full: new Uint8Array(cells),
    hopLimit: new Uint8Array(cells),
    strayIn: new Uint16Array(cells),
  };
}

export function figuresAt(table: FigureTable, at: number): Figures {
  const answered = table.answered[at] ?? 0;
  const ms = (list: Float64Array): number | undefined => (answered === 0 ? undefined : list[at]);
  return {
    base: table.base[at] ?? 0,
    rttMs: ms(table.rttMs),
    jitterMs: answered === 0 ? undefined : jitterIn(table, at),
    recentMs: ms(table.recentMs),
    answered,
    cycles: table.cycles[at] ?? 0,
    sent: table.sent[at] ?? 0,
    lost: table.lost[at] ?? 0,
    asked: table.asked[at] ?? -1,
    newest: table.newest[at] ?? -1,
    silent: table.silent[at] === 1,
    full: FULL[table.full[at] ?? UNKNOWN] ?? "unknown",
    hopLimit: table.hopLimit[at] ?? 0,
    strayIn: table.strayIn[at] ?? 0,
  };
}

export function figuresOf(view: CycleView, order: CycleOrder, cell: number, cycles: number): Figures {
  const reading = readingOf(view, order, cycles);
  const table = newTable(1, reading);
  look(table, 0, reading, cell);
  return figuresAt(table, 0);
}

/** Puts what a view says of one cell into a table that says nothing at this place yet. */
export function look(table: FigureTable, to: number, reading: Reading, cell: number): void {
  const { view, order } = reading;
  lookAtNewest(table, to, view, order, cell);
  const base = cell * view.slots;
  table.base[to] = base;
  table.cycles[to] = view.cyclesOf[cell] ?? 0;
  table.sent[to] = view.sentOf[cell] ?? 0;
  const lost = view.lostOf[cell] ?? 0;
  table.lost[to] = lost;
  table.allLost[to] = fullsTell(view, cell) ? lost + (view.fullsLostOf[cell] ?? 0) : lost;
  table.hopLimit[to] = view.hopLimits[cell] ?? 0;
  if (isWhole(reading, cell)) lookWhole(table, to, reading, cell);
  else lookSome(table, to, reading, cell);
}

/** Mostly there is a time of every cycle, and the newest ones lie beside each other. */
function isWhole({ view, order, unbroken }: Reading, cell: number): boolean {
  const kept = order.slots.length;
  return unbroken && view.timesOf[cell] === kept && view.cyclesOf[cell] === kept;
}

/**
 * Median variation, of the cycles that the table was made from: worked out when it is asked for, which it mostly never is. 0 where
 * nothing answered.
 */
export function jitterIn(table: FigureTable, at: number): number {
  const known = table.jitterMs[at] ?? 0;
  if (!Number.isNaN(known)) return known;
  const { reading } = table;
  const answered = table.answered[at] ?? 0;
  if (reading === undefined || answered === 0) return 0;
  const { view, order, marks } = reading;
  const base = table.base[at] ?? 0;
  const cell = base / view.slots;
  const mark = 3 * cell + 2;
  const ring = { base, slots: view.slots, newest: order.slots[0] ?? 0 };
  const ms = isWhole(reading, cell)
    ? medianIn(view.jitters, ring, answered, marks, mark)
    : medianOf(codes, answeredOf(view.jitters, reading, base), marks, mark);
  table.jitterMs[at] = ms;
  return ms;
}

/** What the newest cycles tell beside times: mostly the first one says it all. */
function lookAtNewest(
  table: FigureTable,
  to: number,
  { told, toldNow, straysOf, slots: ring }: CycleView,
  { slots }: CycleOrder,
  cell: number,
): void {
  const now = toldNow[cell] ?? 0;
  // Mostly it answered just now, the full probe too, and nothing strange ever came.
  if (straysOf[cell] === 0 && lostIn(now) < sentIn(now) && (now & FLAG.fullMask) === FLAG.arrived) {
    table.asked[to] = 0;
    table.newest[to] = 0;
    table.full[to] = ARRIVES;
    return;
  }
  const base = cell * ring;
  const count = slots.length;
  let asked = -1;
  let newest = -1;
  let silentFor = 0;
  let strayIn = 0;
  let fulls = 0;
  let full = UNKNOWN;
  let known = false;
  for (let place = 0; place < count && (newest < 0 || !known); place++) {
    const now = told[base + (slots[place] ?? 0)] ?? 0;
    const sent = sentIn(now);
    if (sent === 0) continue;
    const lost = lostIn(now);
    if (asked < 0) asked = place;
    if (newest < 0) {
      if (lost < sent) newest = place;
      else silentFor += (now & FLAG.backedOff) === 0 ? SILENT_CYCLE : SILENT_LIMITED_CYCLE;
    }
    if (known) continue;
    const seen = now & FLAG.fullMask;
    // A full probe that is lost where the small ones are lost too tells nothing of size.
    if (seen === 0 || (seen === FLAG.lost && lost === sent)) continue;
    fulls++;
    if (seen === FLAG.arrived) full = ARRIVES;
    else if (seen === FLAG.tooBig && fulls === 1) full = TOO_BIG;
    else full = LOST;
    known = full === ARRIVES || full === TOO_BIG || fulls >= FULL_PROBES;
  }
  for (let place = 0; place < STRAY_CYCLES && place < count; place++)
    if (((told[base + (slots[place] ?? 0)] ?? 0) & FLAG.stray) !== 0) strayIn |= 1 << place;
  table.asked[to] = asked;
  table.newest[to] = newest;
  table.silent[to] = silentFor >= SILENT ? 1 : 0;
  table.full[to] = full;
  table.strayIn[to] = strayIn;
}

/** Times of a cell that has one of each cycle, where they lie. */
function lookWhole(
  table: FigureTable,
  to: number,
  { view, order, judged, marks }: Reading,
  cell: number,
): void {
  const base = cell * view.slots;
  const ring = { base, slots: view.slots, newest: order.slots[0] ?? 0 };
  const answered = Math.min(judged, order.slots.length);
  table.answered[to] = answered;
  const recent = Math.min(answered, RECENT_CYCLES);
  table.rttMs[to] = medianIn(view.rtts, ring, answered, marks, 3 * cell);
  table.recentMs[to] = medianIn(view.rtts, ring, recent, marks, 3 * cell + 1);
}

/** Times of a cell that has none of some cycles. */
function lookSome(table: FigureTable, to: number, reading: Reading, cell: number): void {
  const { view, marks } = reading;
  const answered = answeredOf(view.rtts, reading, cell * view.slots);
  table.answered[to] = answered;
  if (answered === 0) return;
  const recent = Math.min(answered, RECENT_CYCLES);
  table.rttMs[to] = medianOf(codes, answered, marks, 3 * cell);
  table.recentMs[to] = medianOf(codes, recent, marks, 3 * cell + 1);
}

/** Puts a list's codes of the cycles judged in which something was answered, newest first, into `codes`. @returns how many there are */
function answeredOf(list: Uint16Array, { view, order, judged }: Reading, base: number): number {
  const { slots } = order;
  let answered = 0;
  let withProbes = 0;
  for (let place = 0; place < slots.length && withProbes < judged; place++) {
    const at = base + (slots[place] ?? 0);
    if (sentIn(view.told[at] ?? 0) === 0) continue;
    withProbes++;
    if (view.rtts[at] === NO_TIME) continue;
    codes[answered++] = list[at] ?? NO_TIME;
  }
  return answered;
}
