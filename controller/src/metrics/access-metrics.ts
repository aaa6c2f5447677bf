import { Gauge, type Registry } from "prom-client";
import type { PoolView } from "../access/addresses.ts";
import { APPLICATION_STATES, type ApplicationState } from "../core/access/applications.ts";
import { PREFIX_STATES } from "../core/access/prefixes.ts";
import { SERVICES, type Service } from "../core/access/services.ts";

export interface ApplicationCount {
  readonly service: Service;
  readonly state: ApplicationState;
  readonly count: number;
}

/** Figures of pools and applications. Labels are names that operators gave, and states. */
export class AccessMetrics {
  readonly #share: Gauge<"pool" | "purpose" | "site">;
  readonly #capacity: Gauge<"pool">;
  readonly #prefixes: Gauge<"pool" | "state">;

  readonly #applications: Gauge<"service" | "state">;

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
    this.#applications = new Gauge({
      name: `${prefix}access_applications`,
      help: "Applications of users, by service and state",
      labelNames: ["service", "state"],
      registers,
    });
  }

  observe(pools: readonly PoolView[], applications: readonly ApplicationCount[]): void {
    for (const service of SERVICES)
      for (const state of APPLICATION_STATES) this.#applications.set({ service, state }, 0);
    for (const { service, state, count } of applications) this.#applications.set({ service, state }, count);
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
