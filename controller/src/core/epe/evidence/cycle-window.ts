import type { Egress, EgressCell } from "@vsix/shared/contract/up-egress.ts";
import { median } from "../../release/stats/order.ts";
import { codeOf, NO_TIME } from "./time-code.ts";
import { type CycleTime, type CycleView, FLAG, lostIn, sentIn, tell } from "./view.ts";

/** Octets that one cell takes in one cycle, and beside its cycles. */
export const CELL_BYTES = 6;
export const CELL_SUM_BYTES = 19;

/** What became of a message; all but `taken` leave nothing behind. */
export type Taken =
  | "taken"
  | "twice" // the same shard of the same cycle
  | "late" // older than all that is kept
  | "previous-run" // of an agent that has been started anew since
  | "impossible"; // of a cycle that cannot have begun yet

/** Lists with a place for each cycle of each cell, and with one for each cell. */
const CYCLE_LISTS = ["rtts", "jitters", "told"] as const;
const CELL_LISTS = [
  "cyclesOf",
  "sentOf",
  "lostOf",
  "fullsOf",
  "fullsLostOf",
  "timesOf",
  "straysOf",
  "toldNow",
  "hopLimits",
] as const;

interface Slot {
  readonly cycle: number;
  beganMs: number;
  readonly shards: Set<number>;
}

/**
 * The last cycles of one node, of the destinations and peers of the plan, in lists whose size never changes. A cycle's place is its
 * number modulo the slots, so it does not matter in which order messages arrive, nor which come twice. Times are counted back
 * from arrival by the message's age: clocks of nodes are never asked.
 */
export class CycleWindow implements CycleView {
  readonly slots: number;
  readonly peers: readonly string[];
  readonly rtts: Uint16Array;
  readonly jitters: Uint16Array;
  readonly told: Uint16Array;
  readonly cyclesOf: Uint16Array;
  readonly sentOf: Uint16Array;
  readonly lostOf: Uint16Array;
  readonly fullsOf: Uint16Array;
  readonly fullsLostOf: Uint16Array;
  readonly timesOf: Uint16Array;
  readonly straysOf: Uint16Array;
  readonly toldNow: Uint16Array;
  readonly hopLimits: Uint8Array;
  /** The slot that a cell's hop limit is of. */
  readonly #hopSlots: Uint16Array;
  readonly #addresses: readonly string[];
  readonly #rows: ReadonlyMap<string, number>;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #kept: (Slot | undefined)[];
  #instance: string | undefined;

  constructor(addresses: readonly string[], peers: readonly string[], slots: number) {
    this.slots = slots;
    this.peers = peers;
    this.#addresses = addresses;
    this.#rows = new Map(addresses.map((address, row) => [address, row]));
    this.#columns = new Map(peers.map((peer, column) => [peer, column]));
    const cells = addresses.length * peers.length;
    this.rtts = new Uint16Array(cells * slots);
    this.jitters = new Uint16Array(cells * slots);
    this.told = new Uint16Array(cells * slots);
    this.cyclesOf = new Uint16Array(cells);
    this.sentOf = new Uint16Array(cells);
    this.lostOf = new Uint16Array(cells);
    this.fullsOf = new Uint16Array(cells);
    this.fullsLostOf = new Uint16Array(cells);
    this.timesOf = new Uint16Array(cells);
    this.straysOf = new Uint16Array(cells);
    this.toldNow = new Uint16Array(cells);
    this.hopLimits = new Uint8Array(cells);
    this.#hopSlots = new Uint16Array(cells);
    this.#kept = new Array<Slot | undefined>(slots);
  }

  rowOf = (address: string, likely = -1): number | undefined =>
    this.#addresses[likely] === address ? likely : this.#rows.get(address);

  /** A cycle cannot have begun after the one that followed it, however late its message came. */
  get cycles(): readonly CycleTime[] {
    const kept = this.#kept.flatMap((one, slot) => (one === undefined ? [] : [{ ...one, slot }]));
    kept.sort((a, b) => b.cycle - a.cycle);
    let after = Number.POSITIVE_INFINITY;
    return kept.map(({ slot, beganMs }) => {
      after = Math.min(after, beganMs);
      return { slot, beganMs: after };
    });
  }

  take(message: Egress, receivedMs: number): Taken {
    const beganMs = receivedMs - message.ageMs;
    let newest = this.#newest();
    if (newest !== undefined && message.instance !== this.#instance) {
      // Of two runs the one that goes on is the later one.
      if (beganMs <= newest.beganMs) return "previous-run";
      this.#clear();
      newest = undefined;
    } else if (newest !== undefined) {
      const ahead = message.cycle - newest.cycle;
      // No cycle is shorter than a second; some room for messages that were held up.
      if (ahead > 64 + Math.max(0, beganMs - newest.beganMs) / 1000) return "impossible";
      if (ahead <= -this.slots) return "late";
    }
    this.#instance = message.instance;
    const at = message.cycle % this.slots;
    let slot = this.#kept[at];
    if (slot !== undefined && slot.cycle > message.cycle) return "late";
    if (slot === undefined || slot.cycle < message.cycle) {
      this.#clearSlot(at);
      slot = { cycle: message.cycle, beganMs, shards: new Set() };
      this.#kept[at] = slot;
      if (newest === undefined || message.cycle > newest.cycle) this.toldNow.fill(0);
    }
    if (slot.shards.has(message.shard)) return "twice";
    slot.shards.add(message.shard);
    slot.beganMs = Math.min(slot.beganMs, beganMs);
    const now = newest === undefined || message.cycle >= newest.cycle;
    const columns = message.peers.map((peer) => this.#columns.get(peer));
    for (const { address, cells, backedOff } of message.rows) {
      const row = this.#rows.get(address);
      if (row === undefined) continue;
      for (const cell of cells) {
        const column = columns[cell.peer];
        if (column === undefined) continue;
        const place = row * this.peers.length + column;
        this.#write(place, at, cell, backedOff === true);
        if (now) this.toldNow[place] = this.told[place * this.slots + at] ?? 0;
      }
    }
    return "taken";
  }

  /** Takes over what another window knows of the same destinations and peers: the plan changed, the network did not. */
  adopt(before: CycleWindow): void {
    if (before.slots !== this.slots) return;
    this.#instance = before.#instance;
    for (const [slot, kept] of before.#kept.entries()) this.#kept[slot] = kept;
    for (const [address, row] of this.#rows) {
      const from = before.#rows.get(address);
      if (from === undefined) continue;
      for (const [peer, column] of this.#columns) {
        const fromColumn = before.#columns.get(peer);
        if (fromColumn === undefined) continue;
        const to = row * this.peers.length + column;
        const start = from * before.peers.length + fromColumn;
        for (const list of CYCLE_LISTS) {
          const kept = before[list].subarray(start * this.slots, (start + 1) * this.slots);
          this[list].set(kept, to * this.slots);
        }
        for (const list of CELL_LISTS) this[list][to] = before[list][start] ?? 0;
        this.#hopSlots[to] = before.#hopSlots[start] ?? 0;
      }
    }
  }

  #newest(): Slot | undefined {
    let newest: Slot | undefined;
    for (const slot of this.#kept)
      if (slot !== undefined && (newest === undefined || slot.cycle > newest.cycle)) newest = slot;
    return newest;
  }

  #clear(): void {
    this.#kept.fill(undefined);
    for (const list of [...CYCLE_LISTS, ...CELL_LISTS]) this[list].fill(0);
  }

  #clearSlot(slot: number): void {
    for (let cell = 0; cell < this.hopLimits.length; cell++) {
      const at = cell * this.slots + slot;
      this.#subtract(cell, at);
      if (this.rtts[at] !== NO_TIME) this.timesOf[cell] = (this.timesOf[cell] ?? 0) - 1;
      this.rtts[at] = NO_TIME;
      this.jitters[at] = NO_TIME;
      this.told[at] = 0;
      // It was of the oldest cycle, so there is none of a newer one.
      if (this.#hopSlots[cell] === slot) this.hopLimits[cell] = 0;
    }
  }

  /** Takes a cycle out of a cell's sums. */
  #subtract(cell: number, at: number): void {
    const told = this.told[at] ?? 0;
    if (sentIn(told) > 0) this.#add(cell, -1, -sentIn(told), -lostIn(told));
    if ((told & FLAG.stray) !== 0) this.straysOf[cell] = (this.straysOf[cell] ?? 0) - 1;
    this.#addFull(cell, told, -1);
  }

  #addFull(cell: number, told: number, by: number): void {
    const full = told & FLAG.fullMask;
    if (full === 0) return;
    this.fullsOf[cell] = (this.fullsOf[cell] ?? 0) + by;
    if (full !== FLAG.arrived) this.fullsLostOf[cell] = (this.fullsLostOf[cell] ?? 0) + by;
  }

  #add(cell: number, cycles: number, sent: number, lost: number): void {
    this.cyclesOf[cell] = (this.cyclesOf[cell] ?? 0) + cycles;
    this.sentOf[cell] = (this.sentOf[cell] ?? 0) + sent;
    this.lostOf[cell] = (this.lostOf[cell] ?? 0) + lost;
  }

  #write(place: number, slot: number, cell: EgressCell, backedOff: boolean): void {
    const at = place * this.slots + slot;
    this.#subtract(place, at);
    const answered = cell.rttsUs.filter((rtt) => rtt >= 0);
    // A probe that is neither lost nor has a time was not answered either.
    const lost = cell.sent - Math.min(answered.length, cell.sent - Math.min(cell.lost, cell.sent));
    // Of a host that limits its answers those that come are as good as any.
    if (answered.length > 0 && (backedOff || answered.length * 2 >= cell.sent)) {
      if (this.rtts[at] === NO_TIME) this.timesOf[place] = (this.timesOf[place] ?? 0) + 1;
      this.rtts[at] = codeOf((median(answered) ?? Number.NaN) / 1000);
      let [sum, pairs] = [0, 0];
      for (let i = 1; i < cell.rttsUs.length; i++) {
        const [a = -1, b = -1] = [cell.rttsUs[i - 1], cell.rttsUs[i]];
        if (a < 0 || b < 0) continue;
        sum += Math.abs(b - a);
        pairs++;
      }
      this.jitters[at] = codeOf(pairs > 0 ? sum / pairs / 1000 : 0);
    }
    const full = cell.full === "arrived" ? FLAG.arrived : cell.full === "lost" ? FLAG.lost : FLAG.tooBig;
    const flags =
      (cell.full === undefined ? 0 : full) |
      ((cell.stray ?? 0) > 0 ? FLAG.stray : 0) |
      (backedOff ? FLAG.backedOff : 0);
    this.told[at] = tell(cell.sent, lost, flags);
    if (cell.sent > 0) this.#add(place, 1, cell.sent, lost);
    this.#addFull(place, flags, 1);
    if ((flags & FLAG.stray) !== 0) this.straysOf[place] = (this.straysOf[place] ?? 0) + 1;
    this.#hop(place, slot, cell.hopLimit ?? 0);
  }

  /** Of two cycles the newer one tells. */
  #hop(place: number, slot: number, hopLimit: number): void {
    if (hopLimit === 0) return;
    const before = this.#hopSlots[place] ?? 0;
    const newer = (this.#kept[before]?.cycle ?? 0) > (this.#kept[slot]?.cycle ?? 0);
    if (this.hopLimits[place] !== 0 && newer) return;
    this.hopLimits[place] = hopLimit;
    this.#hopSlots[place] = slot;
  }
}
