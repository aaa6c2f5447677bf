import { Counter, Gauge, type Registry } from "prom-client";
import type { DnsArchive } from "../dns/archive.ts";

/** Figures of captured DNS. Labels are words of our own: names and clients are nobody's labels. */
export class DnsMetrics {
  readonly #batches: Counter<"result">;
  readonly #pairs: Counter;
  readonly #lost: Counter;
  readonly #stored: Gauge;
  readonly #octets: Gauge;
  readonly #uncounted: Gauge;
  readonly #newest: Gauge;

  constructor(registry: Registry, prefix: string) {
    const registers = [registry];
    const gauge = (name: string, help: string): Gauge => new Gauge({ name: prefix + name, help, registers });
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new Counter({ name: prefix + name, help, labelNames, registers });
    this.#batches = counter(
      "batches_total",
      "Batches of captured DNS from nodes, by what came of them",
      "result",
    );
    this.#pairs = counter("pairs_total", "Pairs that were stored since the start");
    this.#lost = counter("lost_pairs_total", "Pairs that were captured and lost before they came here");
    this.#stored = gauge("stored_pairs", "Pairs in the database");
    this.#octets = gauge("stored_octets", "Octets of their segments");
    this.#uncounted = gauge("uncounted_minutes", "Minutes that have changed and are to be counted");
    this.#newest = gauge("newest_pair_seconds", "Time of the newest pair, seconds since 1970");
  }

  /** What is a state, as of now. */
  observe({ counts, figures }: Pick<DnsArchive, "counts" | "figures">): void {
    for (const one of [this.#batches, this.#pairs, this.#lost]) one.reset();
    for (const result of ["stored", "duplicate", "refused"] as const)
      this.#batches.inc({ result }, counts[result]);
    this.#pairs.inc(counts.pairs);
    this.#lost.inc(counts.missingPairs);
    if (figures === undefined) return;
    this.#stored.set(figures.pairs);
    this.#octets.set(figures.octets);
    this.#uncounted.set(figures.dirtyMinutes);
    if (figures.newestUs !== null) this.#newest.set(figures.newestUs / 1e6);
  }
}
