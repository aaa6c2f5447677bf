import type { Counters } from "@vsix/shared/contract/up.ts";
import { rowKey } from "../memory.ts";
import { DEFAULT_CLASS } from "../policy.ts";
import { countOn, type OctetReadings, rateOf } from "./octet-rate.ts";

/** A router says it again every few seconds; what was not told for so long is not known. */
const AGE_MS = 60_000;
/** A rate of less than that says more of the moment than of the prefix. */
const LEAST_MS = 8_000;

/**
 * What Edges send to each destination at each plane router, from counters of those routers. Holds no more than the headends and
 * prefixes that are asked for, whatever is told. A prefix that is not counted is not here, which is not the same as no traffic.
 */
export class DemandTable {
  #headends: ReadonlySet<string> = new Set();
  #prefixes: ReadonlySet<string> = new Set();
  readonly #readings = new Map<string, Map<string, OctetReadings>>();

  /** Others are asked for; what is known of those that stay is kept. */
  replan(headends: readonly string[], prefixes: readonly string[]): void {
    this.#headends = new Set(headends);
    this.#prefixes = new Set(prefixes);
    for (const [node, readings] of this.#readings) {
      if (!this.#headends.has(node)) this.#readings.delete(node);
      for (const prefix of readings.keys()) if (!this.#prefixes.has(prefix)) readings.delete(prefix);
    }
  }

  /** @param receivedMs on the clock that never jumps */
  take({ node, destinations }: Pick<Counters, "node" | "destinations">, receivedMs: number): void {
    if (destinations === undefined || !this.#headends.has(node)) return;
    const before = this.#readings.get(node);
    const now = new Map<string, OctetReadings>();
    for (const { prefix, octets } of destinations)
      if (this.#prefixes.has(prefix)) now.set(prefix, countOn(before?.get(prefix) ?? [], receivedMs, octets));
    this.#readings.set(node, now);
  }

  /** Megabits a second by rowKey of the class that all traffic is in. */
  demand(nowMs: number): ReadonlyMap<string, number> {
    const demand = new Map<string, number>();
    for (const [node, readings] of this.#readings)
      for (const [prefix, octets] of readings) {
        const rate = rateOf(octets);
        if (rate === undefined || rate.toMs - rate.fromMs < LEAST_MS || nowMs - rate.toMs > AGE_MS) continue;
        demand.set(rowKey(node, DEFAULT_CLASS, prefix), rate.mbps);
      }
    return demand;
  }
}
