import type { HopAtom, HopPattern, PathPattern } from "./pattern.ts";

/**
 * One place in the automaton of a set of paths. A path of n positions has states first .. first + n; in state i, what
 * position i says may come next. Steps without a hop only ever lead one state on, so closures are one sweep.
 */
export interface Position {
  /** Undefined: the path is at its end here. */
  readonly pattern?: HopPattern;
  readonly atoms: readonly HopAtom[];
  /** May be left out. */
  readonly optional: boolean;
  /** May come again. */
  readonly again: boolean;
}

/** Longest automaton of one entry. Matching costs this times the hops of a trace times its answers, at worst. */
export const MAX_POSITIONS = 4096;

const END: Position = { atoms: [], optional: false, again: false };

/** All paths one behind the other, each closed by an end. */
export function positionsOf(paths: readonly PathPattern[]): readonly Position[] {
  return paths.flatMap((path) => [...path.flatMap(positionsOfHop), END]);
}

function positionsOfHop(pattern: HopPattern): readonly Position[] {
  const { atoms, min, max } = pattern;
  const one = (optional: boolean, again: boolean): Position => ({ pattern, atoms, optional, again });
  const positions = Array.from({ length: min }, () => one(false, false));
  if (max === undefined) positions.push(one(true, true));
  else for (let i = min; i < max; i++) positions.push(one(true, false));
  return positions;
}
