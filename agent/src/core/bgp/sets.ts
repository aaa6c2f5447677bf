import type { NeighbourKind, NeighbourPart, RouteClass } from "@vsix/shared/contract/part-bgp.ts";
import { classCommunity, exactly } from "./communities.ts";
import type { DefinedSet, PrefixRange, SetMatch } from "./speaker.ts";

/** Collects defined sets while statements are written; the same name twice is the same set. */
export class SetBuilder {
  readonly #sets = new Map<string, DefinedSet>();

  /** Sorted by type and name. */
  sets(): readonly DefinedSet[] {
    return [...this.#sets.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
  }

  neighbours(name: string, addresses: readonly string[]): SetMatch {
    return this.#add({ type: "neighbour", name, list: addresses.map((address) => `${address}/128`) });
  }

  prefixes(name: string, prefixes: readonly PrefixRange[]): SetMatch {
    return this.#add({ type: "prefix", name, prefixes });
  }

  largeCommunities(name: string, expressions: readonly string[]): SetMatch {
    return this.#add({ type: "large-community", name, list: expressions });
  }

  asPaths(name: string, expressions: readonly string[]): SetMatch {
    return this.#add({ type: "as-path", name, list: expressions });
  }

  /** Routes of any of these classes. */
  classes(as: number, classes: readonly RouteClass[]): SetMatch {
    return this.largeCommunities(
      `class-${classes.join("-")}`,
      classes.map((routeClass) => exactly(classCommunity(as, routeClass))),
    );
  }

  /** One neighbour. */
  neighbour(part: NeighbourPart): SetMatch {
    return this.neighbours(`n-${part.name}`, [part.address]);
  }

  #add(set: DefinedSet): SetMatch {
    this.#sets.set(`${set.type} ${set.name}`, set);
    return { name: set.name, match: "any" };
  }
}

export function ofKind(neighbours: readonly NeighbourPart[], kind: NeighbourKind): readonly NeighbourPart[] {
  return neighbours.filter((neighbour) => neighbour.kind === kind);
}

export function addressesOf(neighbours: readonly NeighbourPart[]): readonly string[] {
  return neighbours.map((neighbour) => neighbour.address);
}

function lengthOf(prefix: string): number {
  return Number(prefix.slice(prefix.indexOf("/") + 1));
}

/** This prefix and nothing else. */
export function exact(prefix: string): PrefixRange {
  return { prefix, min: lengthOf(prefix), max: lengthOf(prefix) };
}

/** This prefix and everything longer, to `max`. */
export function orLonger(prefix: string, max = 128): PrefixRange {
  return { prefix, min: lengthOf(prefix), max: Math.max(max, lengthOf(prefix)) };
}
