import type { HealthState } from "@vsix/shared/contract/up-health.ts";
import { Gauge, type Registry } from "prom-client";
import type { Context } from "../operations/context.ts";

const VALUE: Readonly<Record<HealthState, number | undefined>> = {
  good: 1,
  poor: 0.5,
  bad: 0,
  unknown: undefined,
};

/** How the network feels from its nodes. Labels are nodes of the fabric and layers of the contract. */
export class HealthMetrics {
  readonly #layer: Gauge<"node" | "site" | "layer">;
  readonly #verdicts: Gauge<"node" | "site" | "state">;
  readonly #age: Gauge<"node">;

  constructor(registry: Registry, prefix: string) {
    const registers = [registry];
    this.#layer = new Gauge({
      name: `${prefix}layer`,
      help: "1 good, 0.5 poor, 0 bad, by the node's newest run; what is not known is absent",
      labelNames: ["node", "site", "layer"],
      registers,
    });
    this.#verdicts = new Gauge({
      name: `${prefix}verdicts`,
      help: "Verdicts of the node's newest run",
      labelNames: ["node", "site", "state"],
      registers,
    });
    this.#age = new Gauge({
      name: `${prefix}age_seconds`,
      help: "Since the node's newest run came",
      labelNames: ["node"],
      registers,
    });
  }

  /** What is a state, as of now. */
  observe({ health, clock }: Context): void {
    for (const one of [this.#layer, this.#verdicts, this.#age]) one.reset();
    for (const [node, { health: latest, atMs }] of health.latest) {
      const site = health.siteOf(node) ?? "";
      for (const { layer, state } of latest.layers) {
        const value = VALUE[state];
        if (value !== undefined) this.#layer.set({ node, site, layer }, value);
      }
      for (const state of ["bad", "poor"] as const) {
        const count = latest.verdicts.filter((verdict) => verdict.state === state).length;
        this.#verdicts.set({ node, site, state }, count);
      }
      this.#age.set({ node }, Math.max(0, (clock.wallMs() - atMs) / 1000));
    }
  }
}
