import type { EpeDestination } from "@vsix/shared/fabric/epe-model.ts";
import { formatPrefix, parsePrefix, prefixOf } from "@vsix/shared/net/prefix.ts";

/** Prefixes that are remembered, and that are told. */
const MAX_PREFIXES = 20_000;
const MAX_TOLD = 2_000;
/** What is told stays the same for so long: each change is a commit, and new lists for routers. */
const TELL_EVERY_MS = 600_000;
/** A weight is half as much after so long. */
const HALF_LIFE_MS = 6 * 3_600_000;
/** What users reach in one /48 leaves by one way; prefixes are announced no finer. */
const LENGTH = 48;

export interface LearnedAddress {
  /** An address that answers were full of. */
  readonly address: string;
  readonly prefix: string;
  readonly weight: number;
}

interface Remembered {
  address: string;
  best: number;
  weight: number;
  atMs: number;
}

/** Where users' names lead to, by how often they are asked for; decays, so that what is no longer asked for goes. */
export class LearnedAddresses {
  readonly #prefixes = new Map<string, Remembered>();
  #told: readonly EpeDestination[] = [];
  #toldMs = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#prefixes.size;
  }

  /** `nowMs` monotonic. */
  add(addresses: readonly (readonly [address: string, weight: number])[], nowMs: number): void {
    for (const [address, weight] of addresses) {
      const parsed = parsePrefix(`${address}/128`);
      if (parsed === undefined) continue;
      const prefix = formatPrefix(prefixOf(parsed.address, LENGTH));
      const known = this.#prefixes.get(prefix);
      if (known === undefined) this.#prefixes.set(prefix, { address, best: weight, weight, atMs: nowMs });
      else {
        const { weight: before } = decayed(known, nowMs);
        if (weight > known.best) {
          known.address = address;
          known.best = weight;
        }
        known.weight = before + weight;
        known.atMs = nowMs;
      }
    }
    if (this.#prefixes.size > MAX_PREFIXES) this.#shrink(nowMs);
  }

  /** For egress peer engineering; the same list until it is told anew. The first is told as soon as there is something. */
  destinations(nowMs: number): readonly EpeDestination[] {
    if (this.#told.length > 0 && nowMs - this.#toldMs < TELL_EVERY_MS) return this.#told;
    const found = this.top(nowMs);
    if (found.length === 0 && this.#told.length === 0) return this.#told;
    this.#toldMs = nowMs;
    this.#told = found.map(({ prefix, address }) => ({ prefix, address, protocol: "icmp6" }));
    return this.#told;
  }

  /** The heaviest first. */
  top(nowMs: number): readonly LearnedAddress[] {
    return [...this.#prefixes]
      .map(([prefix, one]) => ({ prefix, address: one.address, weight: decayed(one, nowMs).weight }))
      .filter(({ weight }) => weight >= 1)
      .sort((a, b) => b.weight - a.weight || (a.prefix < b.prefix ? -1 : 1))
      .slice(0, MAX_TOLD);
  }

  #shrink(nowMs: number): void {
    const heaviest = [...this.#prefixes].sort(
      ([, a], [, b]) => decayed(b, nowMs).weight - decayed(a, nowMs).weight,
    );
    for (const [prefix] of heaviest.slice(MAX_PREFIXES / 2)) this.#prefixes.delete(prefix);
  }
}

function decayed({ weight, atMs }: Remembered, nowMs: number): { readonly weight: number } {
  return { weight: weight * 2 ** ((atMs - nowMs) / HALF_LIFE_MS) };
}
