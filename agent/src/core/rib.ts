/** What the engine's best paths are, as the feed tells it, across losses of the feed. */

export interface BestPath {
  readonly prefix: string;
  /** Global IPv6 address; `::` or `::1` means this node itself. */
  readonly nextHop: string;
}

/**
 * Routes outlive the session they came by: after a loss they are stale, and stay until the next session has sent its
 * End-of-RIB and the caller calls `sweep`.
 */
export class Rib {
  readonly #paths = new Map<string, BestPath>();
  readonly #stale = new Set<string>();
  #complete = false;

  /** True between a swept End-of-RIB and the loss of the session: what is not here does not exist. */
  get complete(): boolean {
    return this.#complete;
  }

  get size(): number {
    return this.#paths.size;
  }

  get staleCount(): number {
    return this.#stale.size;
  }

  get(prefix: string): BestPath | undefined {
    return this.#paths.get(prefix);
  }

  paths(): IterableIterator<BestPath> {
    return this.#paths.values();
  }

  reach(path: BestPath): void {
    this.#paths.set(path.prefix, path);
    this.#stale.delete(path.prefix);
  }

  withdraw(prefix: string): void {
    this.#paths.delete(prefix);
    this.#stale.delete(prefix);
  }

  /** The session is gone: everything is kept, nothing is certain. */
  lost(): void {
    this.#complete = false;
    for (const prefix of this.#paths.keys()) this.#stale.add(prefix);
  }

  /** The new session has said all: what it did not repeat is dropped. Returns the dropped prefixes. */
  sweep(): readonly string[] {
    const dropped = [...this.#stale];
    for (const prefix of dropped) this.#paths.delete(prefix);
    this.#stale.clear();
    this.#complete = true;
    return dropped;
  }
}
