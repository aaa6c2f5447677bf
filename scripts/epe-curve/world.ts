import { drawWeather, TargetNoise } from "../judge-curve/noise.ts";
import type { Random } from "../judge-curve/random.ts";

/** The truth that the simulated decisions never see: what each destination is like by each peer, and how that changes. */

export interface WorldPlan {
  readonly destinations: number;
  readonly peers: number;
  readonly cycleS: number;
  /** Share of destinations whose answers say something else than users meet. */
  readonly liars: number;
  /** All paths of a destination equal: nothing to gain anywhere. */
  readonly equal: boolean;
  /** The session of the last peer goes up and down every ten seconds. */
  readonly flapping: boolean;
}

export type Lie =
  | "none"
  | "limits" // answers so many a second, whoever asks
  | "limits-one" // drops echoes where one peer's traffic comes in, and nothing else
  | "cache" // somebody near answers in its place by one peer
  | "slow"; // answers when it has time

/** One destination by one peer. */
export interface Path {
  /** Ms, without load. Changes. */
  baseMs: number;
  readonly asPathLength: number;
  readonly announced: boolean;
  /** Small packets arrive, full ones do not. */
  readonly narrow: boolean;
  /** Announced, and nothing arrives. */
  readonly hole: boolean;
  readonly noise: TargetNoise;
  readonly sdMs: number;
  /** Long-run share lost without load. */
  readonly loss: number;
}

export interface Target {
  readonly region: number;
  readonly mbps: number;
  readonly paths: readonly Path[];
  readonly lie: Lie;
  /** The peer that a lie is about. */
  readonly lieAt: number;
  /** A cache whose answers come over other routers than the destination's. */
  readonly seen: boolean;
}

/** Of what a way costs, in ms of the objective; without load, without noise. */
export interface TruthParts {
  readonly ownMs: number;
  readonly regionMs: number;
  readonly episodeMs: number;
  readonly queueMs: number;
  readonly lossMs: number;
}

interface Episode {
  readonly peer: number;
  readonly region: number;
  readonly addedMs: number;
  readonly loss: number;
  left: number;
}

const REGIONS = 40;
/** A path between a region and a peer changes this often, and one destination's own path. */
const REGION_CHANGES_PER_H = 1 / 12;
const OWN_CHANGES_PER_H = 1 / 48;
/** Times of congestion of a region by a peer. */
const EPISODES_PER_H = 1 / 6;

export class World {
  readonly targets: readonly Target[];
  /** Position of the peer that goes up and down. */
  readonly flapping: number | undefined;
  /** Megabits a second outwards; set by who knows what BGP chooses. */
  capacities: readonly number[] = [];
  readonly #random: Random;
  readonly #plan: WorldPlan;
  readonly #regions: number[][];
  readonly #phase: number;
  readonly #episodes: Episode[] = [];
  /** What the episodes of this cycle add, by region and peer. */
  readonly #congestedMs: Float64Array;
  readonly #congestedLoss: Float64Array;
  #cycle = 0;

  constructor(random: Random, plan: WorldPlan) {
    this.#random = random;
    this.#plan = plan;
    this.flapping = plan.flapping ? plan.peers - 1 : undefined;
    this.#congestedMs = new Float64Array(REGIONS * plan.peers);
    this.#congestedLoss = new Float64Array(REGIONS * plan.peers);
    this.#phase = random.between(0, 2 * Math.PI);
    // How far each region is, and what each peer adds on its way there: neighbours in a region share that.
    const far = Array.from({ length: REGIONS }, () => Math.min(250, 4 + random.exponential(60)));
    this.#regions = far.map(() =>
      Array.from({ length: plan.peers }, () => (random.chance(0.5) ? 0 : random.exponential(8))),
    );
    this.targets = Array.from({ length: plan.destinations }, () => this.#target(far));
  }

  /** Round trip, loss and variation that users meet now. */
  truth(
    target: Target,
    peer: number,
    loads: readonly number[],
  ): { readonly rttMs: number; readonly loss: number; readonly sdMs: number } {
    const path = target.paths[peer];
    if (path === undefined || path.hole) return { rttMs: 1000, loss: 1, sdMs: 0 };
    const queue = queueing((loads[peer] ?? 0) / (this.capacities[peer] ?? 1));
    let [addedMs, loss] = [queue.delayMs, path.loss + queue.loss];
    const at = target.region * this.#plan.peers + peer;
    addedMs += this.#congestedMs[at] ?? 0;
    loss += this.#congestedLoss[at] ?? 0;
    const far = this.#regions[target.region]?.[peer] ?? 0;
    return { rttMs: path.baseMs + far + addedMs, loss: Math.min(1, loss), sdMs: path.sdMs };
  }

  /** What `truth` is made of, for whoever asks why. @param lossMs what one of all lost is worth */
  parts(target: Target, peer: number, loads: readonly number[], lossMs: number): TruthParts {
    const path = target.paths[peer];
    const queue = queueing((loads[peer] ?? 0) / (this.capacities[peer] ?? 1));
    const { loss } = this.truth(target, peer, loads);
    const episodeMs = this.#congestedMs[target.region * this.#plan.peers + peer] ?? 0;
    return {
      ownMs: path?.baseMs ?? 0,
      regionMs: this.#regions[target.region]?.[peer] ?? 0,
      episodeMs,
      queueMs: queue.delayMs,
      lossMs: loss * lossMs,
    };
  }

  /** The peer that is down as this cycle's messages are sent. */
  get down(): number | undefined {
    return this.#cycle % 2 === 0 ? undefined : this.flapping;
  }

  /** What a destination sends and receives now: the day goes by while the run does. */
  demand({ mbps }: Target): number {
    const hours = (this.#cycle * this.#plan.cycleS) / 3600;
    return mbps * (0.7 + 0.3 * Math.sin(this.#phase + (2 * Math.PI * hours) / 8));
  }

  step(): void {
    this.#cycle++;
    const { peers, cycleS, equal } = this.#plan;
    const random = this.#random;
    const perCycle = cycleS / 3600;
    for (let at = this.#episodes.length - 1; at >= 0; at--) {
      const one = this.#episodes[at];
      if (one !== undefined && --one.left <= 0) this.#episodes.splice(at, 1);
    }
    if (equal) return;
    this.#change(random, perCycle);
    this.#congestedMs.fill(0);
    this.#congestedLoss.fill(0);
    for (const { region, peer, addedMs, loss } of this.#episodes) {
      const at = region * peers + peer;
      this.#congestedMs[at] = (this.#congestedMs[at] ?? 0) + addedMs;
      this.#congestedLoss[at] = (this.#congestedLoss[at] ?? 0) + loss;
    }
  }

  #change(random: Random, perCycle: number): void {
    const { peers, cycleS } = this.#plan;
    for (const [region, own] of this.#regions.entries())
      for (let peer = 0; peer < peers; peer++) {
        if (random.chance(REGION_CHANGES_PER_H * perCycle))
          own[peer] = random.chance(0.5) ? 0 : random.exponential(8);
        if (!random.chance(EPISODES_PER_H * perCycle)) continue;
        const left = Math.ceil((60 + random.exponential(600)) / cycleS);
        const loss = random.chance(0.3) ? random.between(0.005, 0.05) : 0;
        this.#episodes.push({ peer, region, addedMs: random.exponential(12), loss, left });
      }
    for (const { paths } of this.targets)
      for (const path of paths)
        if (random.chance(OWN_CHANGES_PER_H * perCycle))
          path.baseMs += random.exponential(10) * (random.chance(0.5) ? 1 : -0.2);
  }

  #target(far: readonly number[]): Target {
    const random = this.#random;
    const { peers, equal, liars } = this.#plan;
    const region = random.below(REGIONS);
    const baseMs = (far[region] ?? 10) * random.between(0.9, 1.1) + random.between(0.3, 4);
    const weather = drawWeather(random);
    const best = 2 + random.below(3);
    const paths = Array.from({ length: peers }, (): Path => {
      const longer = random.pick([0, 0, 0, 1, 1, 2]);
      // A longer AS path is mostly, and not always, a longer way: so BGP is mostly right.
      const detourMs = longer === 0 ? random.exponential(1.5) : random.exponential(6 * longer);
      const background = random.pick([0, 0, 0, 0.0005, 0.002]);
      const loss = equal ? 0 : random.chance(0.02) ? random.between(0.01, 0.08) : background;
      return {
        baseMs: baseMs + (equal ? 0 : detourMs),
        asPathLength: best + (equal ? 0 : longer),
        announced: equal || !random.chance(0.1),
        narrow: !equal && random.chance(0.02),
        hole: !equal && random.chance(0.005),
        noise: new TargetNoise(random, { ...weather, loss, lossBurst: random.between(1, 6) }),
        sdMs: weather.kind === "ar1" ? weather.sdMs : 0.02 * weather.scale,
        loss,
      };
    });
    if (equal) this.#regions[region]?.fill(0);
    const lie = random.chance(liars)
      ? random.pick(["limits", "limits-one", "cache", "slow"] as const)
      : "none";
    // Few destinations carry most of the traffic.
    const mbps = 0.05 * (1 / (1 - random.uniform())) ** 0.8;
    return {
      region,
      mbps: Math.min(mbps, 50),
      paths,
      lie,
      lieAt: random.below(peers),
      seen: random.chance(0.8),
    };
  }
}

/** A link near its capacity: the mean wait of M/M/1 in units of 0.2 ms, at most a buffer of 40 ms; beyond it the rest is lost. */
export function queueing(load: number): { readonly delayMs: number; readonly loss: number } {
  if (load >= 1) return { delayMs: 40, loss: 1 - 1 / load };
  return { delayMs: Math.min(40, (0.2 * load) / (1 - load)), loss: 0 };
}
