import type { HopDirectory } from "./directory.ts";
import { answererOf, atomFits, atomText, type HopAtom, type PathPattern } from "./pattern.ts";
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
  const starts = Uint8Array.from(positions, (_, i) => (i === 0 || isEnd(positions[i - 1]) ? 1 : 0));
  const known = new Map<string, Marks>();
  // Paths have most of their hops in common: what is written alike is asked once an address.
  const asked = new Map<string, { readonly atoms: readonly HopAtom[]; readonly at: number[] }>();
  for (const [i, { pattern, atoms }] of positions.entries()) {
    if (pattern === undefined) continue;
    const key = atoms.map(atomText).join(" | ");
    const same = asked.get(key);
    if (same === undefined) asked.set(key, { atoms, at: [i] });
    else same.at.push(i);
  }

  /** Per position, whether it lets this address through. */
  const fits = (address: string): Marks => {
    let row = known.get(address);
    if (row === undefined) {
      row = new Uint8Array(positions.length);
      const answerer = answererOf(address, directory);
      for (const { atoms, at } of asked.values())
        if (atoms.some((atom) => atomFits(atom, answerer))) for (const i of at) row[i] = 1;
      known.set(address, row);
    }
    return row;
  };
  const anybody = Uint8Array.from(positions, (position) => (isEnd(position) ? 0 : 1));
  const wild = Uint8Array.from(positions, ({ atoms }) => (atoms.some(({ kind }) => kind === "any") ? 1 : 0));

  return (hops, complete) => {
    const rows = hops.map((hop) => (hop.length === 0 ? anybody : eitherOf(hop.map(fits))));
    const forward = [closeForward(positions, starts.slice())];
    for (const row of rows) {
      const next = stepForward(positions, last(forward), row);
      if (!next.includes(1)) break;
      forward.push(next);
    }
    const alive = forward.length - 1;
    const arrived = alive === hops.length;
    const ends = last(forward).map((mark, state) => (mark === 1 && isEnd(positions[state]) ? 1 : 0));
    const atEnd = ends.includes(1);
    const goal = complete && arrived && atEnd ? ends : last(forward);
    const backward = sweepBackward(positions, rows.slice(0, alive), goal);

    const silent: number[] = [];
    for (let h = 0; h < alive; h++) {
      const [from = ends, to = ends, hop = []] = [forward[h], backward[h + 1], hops[h]];
      const bad = hop.find((address) => !usable(positions, from, to, fits(address)));
      if (bad !== undefined) return { deviation: deviate(positions, from, h + 1, bad), silent };
      if (hop.length === 0 && !usable(positions, from, to, wild)) silent.push(h + 1);
    }
    if (arrived && (!complete || atEnd)) return { silent };
    return { deviation: deviate(positions, last(forward), alive + 1, hops[alive]?.[0]), silent };
  };
}

/** A set of states or positions: 1 for each that is in it. */
type Marks = Uint8Array;

function isEnd(position: Position | undefined): boolean {
  return position?.pattern === undefined;
}

function last<T>(list: readonly T[]): T {
  const value = list.at(-1);
  if (value === undefined) throw new RangeError("empty");
  return value;
}

/** What is in any of them. */
function eitherOf(rows: readonly Marks[]): Marks {
  const [first = new Uint8Array(0), ...others] = rows;
  if (others.length === 0) return first;
  const either = first.slice();
  for (const row of others) for (let i = 0; i < either.length; i++) if (row[i] === 1) either[i] = 1;
  return either;
}

/** Adds what is reached by leaving optional positions out: only ever the next state. */
function closeForward(positions: readonly Position[], states: Marks): Marks {
  for (let state = 0; state < positions.length - 1; state++) {
    if (states[state] === 1 && positions[state]?.optional === true) states[state + 1] = 1;
  }
  return states;
}

function stepForward(positions: readonly Position[], from: Marks, row: Marks): Marks {
  const next = new Uint8Array(positions.length);
  for (let state = 0; state < positions.length; state++) {
    if (from[state] === 1 && row[state] === 1) next[after(positions, state)] = 1;
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
  rows: readonly Marks[],
  goal: Marks,
): readonly Marks[] {
  const sets = [closeBackward(positions, goal.slice())];
  for (const row of rows.toReversed()) {
    const to = last(sets);
    const from = new Uint8Array(positions.length);
    for (let state = 0; state < positions.length; state++) {
      if (row[state] === 1 && to[after(positions, state)] === 1) from[state] = 1;
    }
    sets.push(closeBackward(positions, from));
  }
  return sets.reverse();
}

function closeBackward(positions: readonly Position[], states: Marks): Marks {
  for (let state = positions.length - 2; state >= 0; state--) {
    if (positions[state]?.optional === true && states[state + 1] === 1) states[state] = 1;
  }
  return states;
}

/** Whether some run takes this hop here. */
function usable(positions: readonly Position[], from: Marks, to: Marks, fits: Marks): boolean {
  return from.some((mark, state) => mark === 1 && fits[state] === 1 && to[after(positions, state)] === 1);
}

function deviate(
  positions: readonly Position[],
  from: Marks,
  hop: number,
  address: string | undefined,
): Deviation {
  const possible = positions.filter((_, state) => from[state] === 1);
  const expected = new Set(possible.flatMap(({ pattern }) => pattern?.text ?? []));
  return {
    hop,
    ...(address === undefined ? {} : { address }),
    expected: [...expected],
    orTarget: possible.some(isEnd),
  };
}
