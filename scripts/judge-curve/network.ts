import type { Series } from "../../controller/src/core/release/stats/blocks.ts";
import type { Fault } from "./faults.ts";
import { GilbertElliott, PlaneNoise, PROBES_PER_S, TargetNoise, type Weather } from "./noise.ts";
import type { Random } from "./random.ts";

export const INTERVAL_MS = 1000 / PROBES_PER_S;

/** A series that can still grow; cut off when a new window begins. */
export interface Growing extends Series {
  atMs: number[];
  rttMs: (number | null)[];
}

/** One plane with all its targets; makes probes in step with time. `fault` is what is wrong with it. */
export class Plane {
  readonly #noise: PlaneNoise;
  readonly #targets: {
    readonly baseMs: number;
    readonly noise: TargetNoise;
    readonly fault: GilbertElliott | undefined;
    readonly addedMs: number;
    readonly dead: boolean;
  }[];
  series: Growing[];

  constructor(random: Random, weather: Weather, basesMs: readonly number[], fault: Fault) {
    this.#noise = new PlaneNoise(random, weather);
    this.#targets = basesMs.map((baseMs, at) => {
      const hit = fault.targets === "all" || at === 0;
      const loss = hit ? (fault.loss ?? 0) : 0;
      return {
        baseMs,
        noise: new TargetNoise(random, weather),
        fault: loss > 0 ? new GilbertElliott(random, loss, fault.burst ?? 1) : undefined,
        addedMs: hit ? (fault.addedMs ?? 0) : 0,
        dead: hit && fault.dead === true,
      };
    });
    this.series = this.#fresh();
  }

  /** A new window: what was measured before is let go. */
  cut(): void {
    this.series = this.#fresh();
  }

  /** Probes from `fromMs` to `toMs`; the fault is there from `faultMs` on. */
  run(fromMs: number, toMs: number, faultMs: number): void {
    for (let atMs = fromMs; atMs < toMs; atMs += INTERVAL_MS) {
      const { extraMs, out } = this.#noise.next();
      const faulty = atMs >= faultMs;
      for (const [at, target] of this.#targets.entries()) {
        const series = this.series[at];
        const lost =
          target.noise.lost() || out || (faulty && (target.dead || (target.fault?.lost() ?? false)));
        const rtt = target.baseMs + extraMs + target.noise.next() + (faulty ? target.addedMs : 0);
        series?.atMs.push(atMs);
        series?.rttMs.push(lost ? null : Math.max(0.01, rtt));
      }
    }
  }

  #fresh(): Growing[] {
    return this.#targets.map(() => ({ atMs: [], rttMs: [] }));
  }
}
