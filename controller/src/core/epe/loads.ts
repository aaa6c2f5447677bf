import type { DecideInput } from "./context.ts";
import type { PeerState } from "./peer-states.ts";

/**
 * Megabits a second by which each peer's link is loaded, and will be once the moves of this decision are in force. Measured loads lag
 * behind: what moved since is put in. What a prefix carries is not always known; then it is taken to carry as much as
 * the mean, and is moved only to where there is much room.
 */
export class Loads {
  readonly measured: readonly (number | undefined)[];
  readonly #now: (number | undefined)[];
  readonly #input: DecideInput;
  readonly #meanMbps: number;

  constructor(input: DecideInput, states: readonly PeerState[], positions: ReadonlyMap<string, number>) {
    this.#input = input;
    this.measured = states.map(({ fact }) => fact?.load?.mbps);
    this.#now = [...this.measured];
    const all = this.measured.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    this.#meanMbps = all / Math.max(1, input.destinations.length);
    for (const [key, { changed, changedMs }] of input.memory.rows) {
      if (changed === undefined) continue;
      const mbps = this.demandOf(key);
      for (const [peer, by] of [
        [changed.from, -mbps],
        [changed.to, mbps],
      ] as const) {
        const at = positions.get(peer);
        const load = at === undefined ? undefined : states[at]?.fact?.load;
        if (at === undefined || load === undefined) continue;
        // The part of the time counted over in which it had not moved yet.
        const before = (changedMs - load.fromMs) / (load.toMs - load.fromMs);
        this.#add(at, by * Math.min(1, Math.max(0, before)));
      }
    }
  }

  /** Of one row; the mean where it is not known. */
  demandOf(key: string): number {
    return this.#input.evidence.demand.get(key) ?? this.#meanMbps;
  }

  after(peer: number): number | undefined {
    return this.#now[peer];
  }

  /** True when a peer is loaded beyond what it may be. Without a capacity, or a measured load, nobody knows. */
  over(peer: number): boolean {
    const { capacityMbps, detourAt = 1 } = this.#input.policy.peers[peer] ?? {};
    const load = this.#now[peer];
    return capacityMbps !== undefined && load !== undefined && load > detourAt * capacityMbps;
  }

  /** May this row's traffic be put onto a peer? */
  room(peer: number, key: string): boolean {
    const { capacityMbps, detourAt = 1 } = this.#input.policy.peers[peer] ?? {};
    if (capacityMbps === undefined) return true;
    const load = this.#now[peer];
    if (load === undefined) return false;
    if (!this.#input.evidence.demand.has(key)) return this.restores(peer, key);
    return load + this.demandOf(key) <= detourAt * capacityMbps;
  }

  /** May it come back to a peer that it was led away from for its load? */
  restores(peer: number, key: string): boolean {
    const { capacityMbps, restoreAt = 1 } = this.#input.policy.peers[peer] ?? {};
    if (capacityMbps === undefined) return true;
    const load = this.#now[peer];
    return load !== undefined && load + this.demandOf(key) <= restoreAt * capacityMbps;
  }

  move(key: string, from: number | undefined, to: number | undefined): void {
    const mbps = this.demandOf(key);
    if (from !== undefined) this.#add(from, -mbps);
    if (to !== undefined) this.#add(to, mbps);
  }

  #add(peer: number, mbps: number): void {
    const load = this.#now[peer];
    if (load !== undefined) this.#now[peer] = Math.max(0, load + mbps);
  }
}
