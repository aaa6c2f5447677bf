/** What a peer's BGP session says of its SIDs. */
interface Peer {
  /** Undefined until the engine has been asked. */
  established: boolean | undefined;
  sinceMs: number;
  /** It was up before and has been down: its return is held. */
  lost: boolean;
}

export interface SeenSession {
  readonly neighbour: string;
  readonly established: boolean;
}

/**
 * Whether the SID of each egress peer may lead to it. A peer whose session is down gets nothing that was meant for it alone: its
 * SID becomes a lookup and BGP decides. One that returns is led to again once it has been there for a while, so that a peer that
 * flaps does not drag its traffic to and fro. Times are monotonic.
 */
export class PeerLeads {
  readonly #adopted: boolean;
  readonly #peers = new Map<string, Peer>();
  #holdMs = 0;

  /** @param adopted the node was forwarding before: peers have the benefit of the doubt until the engine is asked */
  constructor(adopted: boolean) {
    this.#adopted = adopted;
  }

  configure(neighbours: readonly string[], holdMs: number, nowMs: number): void {
    this.#holdMs = holdMs;
    for (const name of this.#peers.keys()) if (!neighbours.includes(name)) this.#peers.delete(name);
    for (const name of neighbours)
      if (!this.#peers.has(name))
        this.#peers.set(name, { established: undefined, sinceMs: nowMs, lost: false });
  }

  /** Every session there is; true when some SID has to lead elsewhere now. */
  seen(sessions: readonly SeenSession[], nowMs: number): boolean {
    const states = new Map(sessions.map(({ neighbour, established }) => [neighbour, established]));
    let changed = false;
    for (const [name, peer] of this.#peers) {
      const established = states.get(name) ?? false;
      if (peer.established === established) continue;
      if (peer.established === true) peer.lost = true;
      peer.established = established;
      peer.sinceMs = nowMs;
      changed = true;
    }
    return changed;
  }

  /** Why a peer is not led to; undefined: it is. */
  reason(name: string, nowMs: number): string | undefined {
    const peer = this.#peers.get(name);
    if (peer === undefined) return undefined;
    if (peer.established === undefined)
      return this.#adopted ? undefined : `the BGP session with ${name} has not been seen yet`;
    if (!peer.established) return `the BGP session with ${name} is down`;
    const left = this.#left(peer, nowMs);
    return left > 0
      ? `the BGP session with ${name} is back and held for ${Math.ceil(this.#holdMs / 1000)} s`
      : undefined;
  }

  /** How long the session of a peer has been as it is, ms. */
  forMs(name: string, nowMs: number): number {
    const peer = this.#peers.get(name);
    return peer === undefined ? 0 : Math.max(0, nowMs - peer.sinceMs);
  }

  /** Until the next hold ends, ms; undefined while nothing is held. */
  nextMs(nowMs: number): number | undefined {
    const left = [...this.#peers.values()]
      .filter(({ established }) => established === true)
      .map((peer) => this.#left(peer, nowMs))
      .filter((ms) => ms > 0);
    return left.length === 0 ? undefined : Math.min(...left);
  }

  #left({ lost, sinceMs }: Peer, nowMs: number): number {
    return lost ? this.#holdMs - (nowMs - sinceMs) : 0;
  }
}
