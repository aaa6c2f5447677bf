import type { Egress, EgressCell } from "@vsix/shared/contract/up-egress.ts";
import { median } from "../../release/stats/order.ts";
import { type CycleTime, type CycleView, FLAG } from "./view.ts";

/** Octets that one cell takes in one cycle. */
export const CELL_BYTES = 12;

/** What became of a message; all but `taken` leave nothing behind. */
export type Taken =
  | "taken"
  | "twice" // the same shard of the same cycle
  | "late" // older than all that is kept
  | "previous-run" // of an agent that has been started anew since
  | "impossible"; // of a cycle that cannot have begun yet

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
  readonly medianMs: Float32Array;
  readonly jitterMs: Float32Array;
  readonly sent: Uint8Array;
  readonly lost: Uint8Array;
  readonly flags: Uint8Array;
  readonly hopLimits: Uint8Array;
  readonly #rows: ReadonlyMap<string, number>;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #kept: (Slot | undefined)[];
  #instance: string | undefined;

  constructor(addresses: readonly string[], peers: readonly string[], slots: number) {
    this.slots = slots;
    this.peers = peers;
    this.#rows = new Map(addresses.map((address, row) => [address, row]));
    this.#columns = new Map(peers.map((peer, column) => [peer, column]));
    const size = addresses.length * peers.length * slots;
    this.medianMs = new Float32Array(size).fill(Number.NaN);
    this.jitterMs = new Float32Array(size).fill(Number.NaN);
    this.sent = new Uint8Array(size);
    this.lost = new Uint8Array(size);
    this.flags = new Uint8Array(size);
    this.hopLimits = new Uint8Array(size);
    this.#kept = new Array<Slot | undefined>(slots);
  }

  rowOf = (address: string): number | undefined => this.#rows.get(address);

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
    const newest = this.#newest();
    if (newest !== undefined && message.instance !== this.#instance) {
      // Of two runs the one that goes on is the later one.
      if (beganMs <= newest.beganMs) return "previous-run";
      this.#clear();
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
    }
    if (slot.shards.has(message.shard)) return "twice";
    slot.shards.add(message.shard);
    slot.beganMs = Math.min(slot.beganMs, beganMs);
    const columns = message.peers.map((peer) => this.#columns.get(peer));
    for (const { address, cells, backedOff } of message.rows) {
      const row = this.#rows.get(address);
      if (row === undefined) continue;
      for (const cell of cells) {
        const column = columns[cell.peer];
        if (column !== undefined)
          this.#write((row * this.peers.length + column) * this.slots + at, cell, backedOff === true);
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
        const to = (row * this.peers.length + column) * this.slots;
        const start = (from * before.peers.length + fromColumn) * this.slots;
        for (const list of ["medianMs", "jitterMs", "sent", "lost", "flags", "hopLimits"] as const)
          this[list].set(before[list].subarray(start, start + this.slots), to);
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
    this.medianMs.fill(Number.NaN);
    this.jitterMs.fill(Number.NaN);
    for (const list of [this.sent, this.lost, this.flags, this.hopLimits]) list.fill(0);
  }

  #clearSlot(slot: number): void {
    for (let at = slot; at < this.sent.length; at += this.slots) {
      this.medianMs[at] = Number.NaN;
      this.jitterMs[at] = Number.NaN;
      this.sent[at] = 0;
      this.lost[at] = 0;
      this.flags[at] = 0;
      this.hopLimits[at] = 0;
    }
  }

  #write(at: number, cell: EgressCell, backedOff: boolean): void {
    const answered = cell.rttsUs.filter((rtt) => rtt >= 0);
    this.sent[at] = cell.sent;
    // A probe that is neither lost nor has a time was not answered either.
    this.lost[at] = Math.max(
      0,
      cell.sent - Math.min(answered.length, cell.sent - Math.min(cell.lost, cell.sent)),
    );
    if (answered.length > 0 && answered.length * 2 >= cell.sent) {
      this.medianMs[at] = (median(answered) ?? Number.NaN) / 1000;
      let [sum, pairs] = [0, 0];
      for (let i = 1; i < cell.rttsUs.length; i++) {
        const [a = -1, b = -1] = [cell.rttsUs[i - 1], cell.rttsUs[i]];
        if (a < 0 || b < 0) continue;
        sum += Math.abs(b - a);
        pairs++;
      }
      this.jitterMs[at] = pairs > 0 ? sum / pairs / 1000 : 0;
    }
    const full = cell.full === "arrived" ? FLAG.arrived : cell.full === "lost" ? FLAG.lost : FLAG.tooBig;
    this.flags[at] =
      (cell.full === undefined ? 0 : full) |
      ((cell.stray ?? 0) > 0 ? FLAG.stray : 0) |
      (cell.unreachable === undefined ? 0 : FLAG.unreachable) |
      (backedOff ? FLAG.backedOff : 0);
    this.hopLimits[at] = cell.hopLimit ?? 0;
  }
}
