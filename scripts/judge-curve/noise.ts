import { readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../../controller/src/core/release/stats/order.ts";
import type { Random } from "./random.ts";

const RECORDED = JSON.parse(readFileSync(join(import.meta.dirname, "recorded-rtts.json"), "utf8")) as {
  readonly rttMs: readonly (number | null)[];
};
const RECORDED_RTTS = RECORDED.rttMs.filter((rtt) => rtt !== null);
const RECORDED_MEDIAN = median(RECORDED_RTTS) ?? 0;

/** What a healthy network does to probes, drawn once a rollout. Both planes have the same, but never the same numbers. */
export interface Weather {
  readonly kind: "recorded" | "ar1";
  /** AR(1): standard deviation in ms and correlation time in probes. */
  readonly sdMs: number;
  readonly correlation: number;
  /** Times the recorded noise is multiplied with; the lab is quieter than the world. */
  readonly scale: number;
  /** Slow change of load: amplitude and period. */
  readonly swingMs: number;
  readonly swingProbes: number;
  /** A microburst takes all targets of a plane: how often a second, its mean length in probes, mean height. */
  readonly burstsPerProbe: number;
  readonly burstProbes: number;
  readonly burstMs: number;
  /** Background loss, in bursts. */
  readonly loss: number;
  readonly lossBurst: number;
  /** Chance per probe that the whole plane loses everything for `outageProbes`: a reroute. */
  readonly outagesPerProbe: number;
  readonly outageProbes: number;
}

export const PROBES_PER_S = 10;

export function drawWeather(random: Random): Weather {
  return {
    kind: random.pick(["recorded", "ar1"]),
    sdMs: random.between(0.1, 2),
    correlation: random.between(1, 20),
    scale: random.pick([1, 3, 10]),
    swingMs: random.between(0, 0.5),
    swingProbes: random.between(600, 6000),
    burstsPerProbe: random.between(0, 6) / 60 / PROBES_PER_S,
    burstProbes: random.between(0.5, 8),
    burstMs: random.between(3, 40),
    loss: random.pick([0, 0, 0.0001, 0.0005, 0.001]),
    lossBurst: random.between(1, 6),
    outagesPerProbe: random.chance(0.1) ? 1 / (600 * PROBES_PER_S) : 0,
    outageProbes: random.between(1, 6),
  };
}

/** Gilbert's model of bursty loss (1960): in the bad state everything is lost, in the good one nothing. */
export class GilbertElliott {
  readonly #random: Random;
  readonly #enter: number;
  readonly #leave: number;
  #bad: boolean;

  /** @param loss share lost in the long run, less than 1; @param burst mean length of a burst in probes, at least 1 */
  constructor(random: Random, loss: number, burst: number) {
    this.#random = random;
    this.#leave = 1 / burst;
    this.#enter = Math.min(1, (loss * this.#leave) / (1 - loss));
    this.#bad = random.chance(loss);
  }

  lost(): boolean {
    this.#bad = this.#random.chance(this.#bad ? 1 - this.#leave : this.#enter);
    return this.#bad;
  }
}

/** What all targets of one plane suffer together, probe by probe. */
export class PlaneNoise {
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #phase: number;
  #burstLeft = 0;
  #burstMs = 0;
  #outageLeft = 0;
  #at = 0;

  constructor(random: Random, weather: Weather) {
    this.#random = random;
    this.#weather = weather;
    this.#phase = random.between(0, 2 * Math.PI);
  }

  next(): { readonly extraMs: number; readonly out: boolean } {
    const { swingMs, swingProbes, burstsPerProbe, burstProbes, burstMs, outagesPerProbe, outageProbes } =
      this.#weather;
    this.#at++;
    if (this.#burstLeft <= 0 && this.#random.chance(burstsPerProbe)) {
      this.#burstLeft = 1 + this.#random.exponential(burstProbes);
      this.#burstMs = this.#random.exponential(burstMs);
    }
    if (outagesPerProbe > 0 && this.#outageLeft <= 0 && this.#random.chance(outagesPerProbe))
      this.#outageLeft = outageProbes;
    const burst = this.#burstLeft-- > 0 ? this.#burstMs : 0;
    const swing = swingMs * Math.sin(this.#phase + (2 * Math.PI * this.#at) / swingProbes);
    return { extraMs: swing + burst, out: this.#outageLeft-- > 0 };
  }
}

/** Queues and background loss on the way to one target. */
export class TargetNoise {
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #loss: GilbertElliott;
  readonly #keep: number;
  readonly #step: number;
  #ar: number;
  #recordedAt = 0;
  #recordedLeft = 0;

  constructor(random: Random, weather: Weather) {
    this.#random = random;
    this.#weather = weather;
    this.#loss = new GilbertElliott(random, weather.loss, weather.lossBurst);
    this.#keep = Math.exp(-1 / weather.correlation);
    this.#step = weather.sdMs * Math.sqrt(1 - this.#keep ** 2);
    this.#ar = weather.sdMs * random.normal();
  }

  lost(): boolean {
    return this.#loss.lost();
  }

  /** What is added to the path's own round trip, ms; stretches of the record are played as they were. */
  next(): number {
    if (this.#weather.kind === "ar1") {
      this.#ar = this.#keep * this.#ar + this.#step * this.#random.normal();
      return this.#ar;
    }
    if (this.#recordedLeft-- <= 0) {
      this.#recordedAt = this.#random.below(RECORDED_RTTS.length);
      this.#recordedLeft = 20 + this.#random.below(100);
    }
    const rtt = RECORDED_RTTS[this.#recordedAt++ % RECORDED_RTTS.length] ?? RECORDED_MEDIAN;
    return (rtt - RECORDED_MEDIAN) * this.#weather.scale;
  }
}
