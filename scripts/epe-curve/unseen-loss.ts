import type { Random } from "../judge-curve/random.ts";
import { PROBES } from "./measure.ts";
import type { World } from "./world.ts";

/**
 * Losses that no probe has shown yet. Nobody who has only probes knows of a loss before one of them is lost; this keeps, for whoever is
 * to know as much as probes could tell at the very most, what of each way's loss is still hidden. All else is told him for nothing:
 * what a way always loses, that a loss is over, and how great one is as soon as a single probe of it was lost.
 */
export class UnseenLoss {
  readonly #world: World;
  readonly #random: Random;
  /** What is known of each destination (row) by each peer (column): share that is lost. */
  readonly #known: Float64Array;
  readonly #hidden: Float64Array;
  readonly #peers: number;

  /** @param random of its own, so that the world goes on as it would without */
  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#peers = world.capacities.length;
    this.#known = Float64Array.from(world.targets.flatMap(({ paths }) => paths.map(({ loss }) => loss)));
    this.#hidden = new Float64Array(this.#known.length);
  }

  /** One cycle is over, in which each way was asked by some small probes and a full one. */
  look(loads: readonly number[]): void {
    for (const [at, target] of this.#world.targets.entries())
      for (let peer = 0; peer < this.#peers; peer++) {
        const place = at * this.#peers + peer;
        const { loss } = this.#world.truth(target, peer, loads);
        const shown = this.#random.chance(1 - (1 - loss) ** (PROBES + 1));
        if (shown || loss < (this.#known[place] ?? 0)) this.#known[place] = loss;
        this.#hidden[place] = loss - (this.#known[place] ?? 0);
      }
  }

  /** Share of packets that a way loses and nobody knows of. @param at place of the destination */
  of(at: number, peer: number): number {
    return this.#hidden[at * this.#peers + peer] ?? 0;
  }
}
