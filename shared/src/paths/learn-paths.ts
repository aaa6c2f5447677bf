import type { HopDirectory } from "./directory.ts";
import { type HopPattern, isFault, MAX_CHOICES, parseHop } from "./pattern.ts";
import { MAX_POSITIONS, positionsOf } from "./positions.ts";
import type { SeenPath } from "./seen.ts";

export interface LearnedPaths {
  /** Hops as patterns are written. */
  readonly paths: readonly (readonly string[])[];
  /** How many different paths were seen. */
  readonly distinct: number;
  /** They were too many: what is written allows more than was seen. */
  readonly merged: boolean;
}

/** More different paths of one length than this are written as one with choices. */
const MAX_LISTED = 16;
const MAX_PATHS = 64;
const MAX_LENGTH = 63;

/** Patterns that allow each of these paths. */
export function learnPaths(seen: readonly SeenPath[], directory: HopDirectory): LearnedPaths {
  const byText = new Map(
    seen.flatMap((path) => spread(path, directory)).map((path) => [path.join("\n"), path] as const),
  );
  const named = withoutUnanswered([...byText.values()]);
  const byLength = Map.groupBy(named, shapeOf);
  let merged = false;
  const paths = [...byLength.values()].flatMap((group) => {
    if (group.length <= MAX_LISTED) return group;
    merged = true;
    return [choicesOf(group)];
  });
  const distinct = named.length;
  if (paths.length > MAX_PATHS || sizeOf(paths) > MAX_POSITIONS) {
    return { paths: [["..."]], distinct, merged: true };
  }
  return { paths, distinct, merged };
}

/**
 * Without paths that are another one with a hop that did not answer. A router limits its answers (RFC 4443 section 2.4 (f)), and
 * so many flows at once meet the limit: `*` there would allow anybody for ever. Such a hop is a notice, never an alarm.
 */
function withoutUnanswered(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const shapes = Map.groupBy(paths, shapeOf);
  return paths.filter(
    (path) =>
      !path.includes("*") ||
      !(shapes.get(shapeOf(path)) ?? []).some(
        (other) => other !== path && path.every((hop, i) => hop === "*" || hop === other[i]),
      ),
  );
}

/** Paths of one shape have as many hops, and either all or none go on. */
function shapeOf(path: readonly string[]): string {
  return `${path.length}${path.at(-1) === "..." ? "+" : ""}`;
}

/** A hop balanced per packet has several routers: so many paths, that each of them is on one. */
function spread({ hops, complete }: SeenPath, directory: HopDirectory): readonly (readonly string[])[] {
  const kept = hops.slice(0, MAX_LENGTH);
  const tail = complete && kept.length === hops.length ? [] : ["..."];
  const width = Math.max(1, ...kept.map((hop) => hop.length));
  return Array.from({ length: width }, (_, i) => [
    ...kept.map((hop) => {
      const address = hop[Math.min(i, hop.length - 1)];
      return address === undefined ? "*" : (directory.lookup(address)?.node ?? address);
    }),
    ...tail,
  ]);
}

function choicesOf(paths: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = paths;
  return first.map((hop, i) => {
    const choices = [...new Set(paths.map((path) => path[i] ?? hop))].sort();
    return choices.length > MAX_CHOICES || choices.includes("*") ? "*" : choices.join(" | ");
  });
}

function sizeOf(paths: readonly (readonly string[])[]): number {
  const parsed = paths.map((path) =>
    path.flatMap((text): HopPattern[] => {
      const hop = parseHop(text);
      return isFault(hop) ? [] : [hop];
    }),
  );
  return positionsOf(parsed).length;
}
