import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab.ts";
import { type PlaneShare, type PortCounters, planeShares, portCounters } from "../observe.ts";

/** Stretch within which a plane has an Edge's traffic if it carries more than a tenth of it, milliseconds. */
const STRETCH_MS = 100;
/** Unless told. */
const READ_EVERY_MS = 20;

/** Reads the cables' counters again and again, to tell when Edges' traffic was last on the plane that they leave. */
export class LeavingWatch {
  readonly #lab: Lab;
  readonly #edges: readonly string[];
  readonly #plane: string;
  readonly #readEveryMs: number;
  readonly #readings: { readonly at: number; readonly counters: readonly PortCounters[] }[] = [];
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  constructor(lab: Lab, edges: readonly string[], plane: string, readEveryMs = READ_EVERY_MS) {
    this.#lab = lab;
    this.#readEveryMs = readEveryMs;
    this.#edges = edges;
    this.#plane = plane;
    this.#reading = this.#read();
    // A scenario that fails never stops it, and takes the lab away under it: nobody is there then to be told.
    this.#reading.catch(() => undefined);
  }

  /**
   * By Edge: milliseconds from `started` (of performance.now()) until the end of the last stretch with traffic there; null:
   * none at all.
   */
  async stop(started: number): Promise<ReadonlyMap<string, number | null>> {
    this.#stop.abort();
    await this.#reading;
    return new Map(this.#edges.map((edge) => [edge, this.#lastOf(edge, started)]));
  }

  #lastOf(edge: string, started: number): number | null {
    let last: number | null = null;
    let before = this.#readings[0];
    for (const after of this.#readings) {
      if (before === undefined || after.at - before.at < STRETCH_MS) continue;
      const shares = planeShares(this.#lab, edge, before.counters, after.counters);
      if (carries(shares, this.#plane)) last = Math.round(after.at - started);
      before = after;
    }
    return last;
  }

  async #read(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const counters = await portCounters(this.#lab);
      this.#readings.push({ at: performance.now(), counters });
      await sleep(this.#readEveryMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}

/** Sessions and probes stay on both planes: a tenth is allowed for them. */
function carries(shares: readonly PlaneShare[], plane: string): boolean {
  return (["fromEdge", "toEdge"] as const).some((way) => {
    const total = shares.reduce((sum, share) => sum + share[way], 0);
    const here = shares.find((share) => share.plane === plane)?.[way] ?? 0;
    return here > 0.1 * total;
  });
}
