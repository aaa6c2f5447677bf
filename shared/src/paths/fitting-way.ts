import type { HopAtom, PathPattern } from "./pattern.ts";
import { type Position, positionsOf } from "./positions.ts";

export interface WayEnds {
  readonly source: string;
  readonly target: string;
}

/**
 * The shortest way over these links that a pattern allows: names of nodes, both ends among them; undefined where there is none. A
 * pattern allows many: this is one that can be drawn. The target is no hop of the pattern, as in traces.
 *
 * Breadth first over nodes × places of the pattern: time is links × pattern.
 * @param fits whether a node may be passed by as this atom says
 */
export function fittingWay(
  links: readonly (readonly [string, string])[],
  { source, target }: WayEnds,
  pattern: PathPattern,
  fits: (atom: HopAtom, node: string) => boolean,
): readonly string[] | undefined {
  const positions = positionsOf([pattern]);
  const beside = neighboursOf(links);
  const seen = new Set<string>();
  let front: readonly Step[] = [{ node: source, state: 0, before: undefined }];
  while (front.length > 0) {
    const next: Step[] = [];
    for (const step of front) {
      const states = skipping(positions, step.state);
      for (const node of beside.get(step.node) ?? []) {
        if (node === target && states.some((state) => positions[state]?.pattern === undefined))
          return [...wayTo(step), target];
        if (node === source || node === target) continue;
        for (const state of states) {
          const position = positions[state];
          if (position?.atoms.some((atom) => fits(atom, node)) !== true) continue;
          const after = position.again ? state : state + 1;
          const key = `${after} ${node}`;
          if (seen.has(key)) continue;
          seen.add(key);
          next.push({ node, state: after, before: step });
        }
      }
    }
    front = next;
  }
  return undefined;
}

interface Step {
  readonly node: string;
  readonly state: number;
  readonly before: Step | undefined;
}

function wayTo(step: Step | undefined): readonly string[] {
  const way: string[] = [];
  for (let at = step; at !== undefined; at = at.before) way.push(at.node);
  return way.reverse();
}

/** This place, and those after it that are reached by leaving optional ones out. */
function skipping(positions: readonly Position[], from: number): readonly number[] {
  const states = [from];
  for (let state = from; positions[state]?.optional === true; state++) states.push(state + 1);
  return states;
}

function neighboursOf(links: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const beside = new Map<string, string[]>();
  const add = (from: string, to: string): void => {
    const known = beside.get(from);
    if (known === undefined) beside.set(from, [to]);
    else known.push(to);
  };
  for (const [a, b] of links) {
    add(a, b);
    add(b, a);
  }
  return beside;
}
