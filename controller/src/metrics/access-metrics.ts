import { Gauge, type Registry } from "prom-client";
import type { PoolView } from "../access/addresses.ts";
import { PREFIX_STATES } from "../core/access/prefixes.ts";

/** Figures of pools. Labels are names that operators gave, and states. */
export class AccessMetrics {
  readonly #share: Gauge<"pool" | "purpose" | "site">;
  readonly #capacity: Gauge<"pool">;
  readonly #prefixes: Gauge<"pool" | "state">;

  constructor(registry: Registry, prefix: string) {
    const registers = [registry];
    this.#share = new Gauge({
      name: `${prefix}pool_taken_ratio`,
      help: "How much of the pool is not free, 0 to 1",
      labelNames: ["pool", "purpose", "site"],
      registers,
    });
    this.#capacity = new Gauge({
      name: `${prefix}pool_capacity`,
      help: "Prefixes of the pool's own length that it has room for",
      labelNames: ["pool"],
      registers,
    });
    this.#prefixes = new Gauge({
      name: `${prefix}pool_prefixes`,
      help: "Prefixes that are not free, by state",
      labelNames: ["pool", "state"],
      registers,
    });
  }

  observe(pools: readonly PoolView[]): void {
    for (const gauge of [this.#share, this.#capacity, this.#prefixes]) gauge.reset();
    for (const { pool, utilisation } of pools) {
      const { name, purpose, site } = pool;
      this.#share.set({ pool: name, purpose, site: site ?? "" }, utilisation.share);
      this.#capacity.set({ pool: name }, utilisation.capacity);
      for (const state of PREFIX_STATES)
        this.#prefixes.set({ pool: name, state }, utilisation.prefixes[state]);
    }
  }
}
