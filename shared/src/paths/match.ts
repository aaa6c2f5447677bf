import type { HopDirectory } from "./directory.ts";
import { atomMatches, type PathPattern } from "./pattern.ts";
import { type Position, positionsOf } from "./positions.ts";

/**
 * Whether a path is among those that are allowed. A path is a list of sets: the addresses that answered at each hop; an
 * empty set is a hop that said nothing, and may be anybody. Balanced per packet, one hop has several addresses: each of
 * them must stand on some allowed path whose other hops were seen too.
 *
 * A non-deterministic automaton, swept forwards and backwards: time is states × answers, whatever pattern and path are.
 */

export type SeenHop = readonly string[];

export interface PathMatch {
  /** Undefined when the path is allowed. */
  readonly deviation?: Deviation;
  /** Silent hops, from 1, where something more definite than "any hop" was expected. */
  readonly silent: readonly number[];
}

/** The first hop where the path leaves every allowed one. */
export interface Deviation {
  /** From 1; one more than there are hops when the target came too early. */
  readonly hop: number;
  /** Who answers there; absent when the hop is silent or the path already at its end. */
  readonly address?: string;
  /** What could have stood there, as patterns are written; empty: the target. */
  readonly expected: readonly string[];
  /** The target itself could have stood there too. */
  readonly orTarget: boolean;
}

export type PathMatcher = (hops: readonly SeenHop[], complete: boolean) => PathMatch;

/**
 * A matcher of this allowed set. `complete` says that the target came right after the last hop; otherwise the hops are
 * only a beginning, and are allowed when some allowed path begins so. Remembers addresses: make one per trace.
 */
export function pathMatcher(allowed: readonly PathPattern[], directory: HopDirectory): PathMatcher {
  const positions = positionsOf(allowed);
  const starts = positions.flatMap((_, i) => (i === 0 || isEnd(positions[i - 1]) ? [i] : []));
  const known = new Map<string, boolean[]>();

  /** Per position, whether it lets this address through. */
  const fits = (address: string): boolean[] => {
    let row = known.get(address);
    if (row === undefined) {
      const cache = new Map<Position["atoms"], boolean>();
      row = positions.map(({ atoms }) => {
        let fit = cache.get(atoms);
        if (fit === undefined) {
          fit = atoms.some((atom) => atomMatches(atom, address, directory));
          cache.set(atoms, fit);
        }
        return fit;
      });
      known.set(address, row);
    }
    return row;
  };
  const anybody = positions.map((position) => !isEnd(position));
  const wild = positions.map(({ atoms }) => atoms.some(({ kind }) => kind === "any"));
  const rowsOf = (hop: SeenHop): readonly boolean[][] => (hop.length === 0 ? [anybody] : hop.map(fits));

  return (hops, complete) => {
    const rows = hops.map(rowsOf);
    const forward = [closeForward(positions, starts)];
    for (const row of rows) {
      const next = stepForward(positions, last(forward), row);
      if (next.length === 0) break;
      forward.push(next);
    }
    const alive = forward.length - 1;
    const arrived = alive === hops.length;
    const ends = last(forward).filter((state) => isEnd(positions[state]));
    const goal = complete && arrived && ends.length > 0 ? ends : last(forward);
    const backward = sweepBackward(positions, rows.slice(0, alive), goal);

    const silent: number[] = [];
    for (let h = 0; h < alive; h++) {
      const [from, to] = [forward[h] ?? [], backward[h + 1] ?? new Set<number>()];
      const hop = hops[h] ?? [];
      const bad = hop.find((_, i) => !usable(positions, from, to, rows[h]?.[i] ?? []));
      if (bad !== undefined) return { deviation: deviate(positions, from, h + 1, bad), silent };
      if (hop.length === 0 && !usable(positions, from, to, wild)) silent.push(h + 1);
    }
    if (arrived && (!complete || ends.length > 0)) return { silent };
    return { deviation: deviate(positions, last(forward), alive + 1, hops[alive]?.[0]), silent };
  };
}

/** States in which the automaton may be; ascending. */
type States = readonly number[];

function isEnd(position: Position | undefined): boolean {
  return position?.pattern === undefined;
}

function last<T>(list: readonly T[]): T {
  const value = list.at(-1);
  if (value === undefined) throw new RangeError("empty");
  return value;
}

/** Adds what is reached by leaving optional positions out. */
function closeForward(positions: readonly Position[], states: Iterable<number>): States {
  const reached = new Set(states);
  // What is added while iterating is visited too.
  for (const state of reached) if (positions[state]?.optional === true) reached.add(state + 1);
  return [...reached].sort((a, b) => a - b);
}

function stepForward(
  positions: readonly Position[],
  from: States,
  rows: readonly (readonly boolean[])[],
): States {
  const next: number[] = [];
  for (const state of from) {
    if (rows.some((row) => row[state] === true)) next.push(after(positions, state));
  }
  return closeForward(positions, next);
}

/** The state after a hop was taken in this one. */
function after(positions: readonly Position[], state: number): number {
  return positions[state]?.again === true ? state : state + 1;
}

/** Per hop count, the states from which the goal is reached with the hops that are left. */
function sweepBackward(
  positions: readonly Position[],
  rows: readonly (readonly (readonly boolean[])[])[],
  goal: States,
): readonly ReadonlySet<number>[] {
  const sets: ReadonlySet<number>[] = [closeBackward(positions, new Set(goal))];
  let to: ReadonlySet<number> = sets[0] ?? new Set();
  for (const row of rows.toReversed()) {
    const from = new Set<number>();
    for (let state = 0; state < positions.length; state++) {
      if (to.has(after(positions, state)) && row.some((fit) => fit[state] === true)) from.add(state);
    }
    to = closeBackward(positions, from);
    sets.push(to);
  }
  return sets.reverse();
}

function closeBackward(positions: readonly Position[], states: Set<number>): ReadonlySet<number> {
  for (let state = positions.length - 2; state >= 0; state--) {
    if (positions[state]?.optional === true && states.has(state + 1)) states.add(state);
  }
  return states;
}

/** Whether some run takes this hop here. */
function usable(
  positions: readonly Position[],
  from: States,
  to: ReadonlySet<number>,
  fits: readonly boolean[],
): boolean {
  return from.some((state) => fits[state] === true && to.has(after(positions, state)));
}

function deviate(
  positions: readonly Position[],
  from: States,
  hop: number,
  address: string | undefined,
): Deviation {
  const expected = new Set(from.flatMap((state) => positions[state]?.pattern?.text ?? []));
  return {
    hop,
    ...(address === undefined ? {} : { address }),
    expected: [...expected],
    orTarget: from.some((state) => isEnd(positions[state])),
  };
}
