import { type HopDirectory, joinDirectories } from "@vsix/shared/paths/directory.ts";
import type { ExpectedEntry } from "@vsix/shared/paths/expected.ts";
import { fabricDirectory } from "@vsix/shared/paths/fabric-directory.ts";
import { judgeTrace, planesAllowed } from "@vsix/shared/paths/judge.ts";
import { watchSettings } from "@vsix/shared/paths/watch-state.ts";
import type { PathEvidence, PathLook } from "../core/release/evidence.ts";
import type { InForce } from "../desired/in-force.ts";
import { pathsToWatch } from "../watch/paths-to-watch.ts";
import { routersOf } from "./plane-facts.ts";
import type { StoredTrace, TraceStore } from "./trace-store.ts";

/** Whose paths count: by the new plane, by the old one, and who moves. */
export interface PathsAsked {
  readonly from: string;
  readonly to: string;
  readonly moved: readonly string[];
}

/** Paths that the file in force expects of moved Edges, and of the new plane's own routers. */
function pathsOf(inForce: InForce, { to, moved }: PathsAsked): readonly ExpectedEntry[] {
  const sources = new Set([...moved, ...routersOf(inForce.fabric, [to]).map(({ name }) => name)]);
  return pathsToWatch(inForce).entries.filter(({ source }) => sources.has(source));
}

/** Whose paths cannot be judged and why, in words; empty where all can that move. */
export function withoutPaths(inForce: InForce, asked: PathsAsked): string {
  if (inForce.expected === undefined) return "no file of expected paths is in force (`vsixctl path apply`)";
  const sources = new Set(pathsOf(inForce, asked).map(({ source }) => source));
  if (sources.size === 0)
    return `the file of expected paths says nothing of ${asked.to}'s routers or of Edges that move`;
  const without = asked.moved.filter((edge) => !sources.has(edge)).length;
  return without === 0 ? "" : `of ${without} of ${asked.moved.length} Edges that move no path is expected`;
}

/** Paths of Edges that would be wrong by the new plane whatever it did: the file allows them by another plane only. */
export function barredPaths(inForce: InForce, asked: PathsAsked): readonly string[] {
  const directory = directoryOf(inForce);
  return pathsOf(inForce, asked)
    .filter(({ source }) => asked.moved.includes(source))
    .filter((entry) => {
      const planes = planesAllowed(entry, directory);
      return planes.length > 0 && !planes.includes(asked.to);
    })
    .map(({ source, target }) => `${source} to ${target}`);
}

/**
 * What traces show of them. Of an Edge those count that were begun since it was seen on the new plane (`sinceMs`), of the
 * plane's routers all that are fresh; monotonic milliseconds.
 */
export function pathEvidence(
  traces: TraceStore,
  inForce: InForce,
  asked: PathsAsked,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): readonly PathEvidence[] {
  const directory = directoryOf(inForce);
  const moved = new Set(asked.moved);
  return pathsOf(inForce, asked).map((entry): PathEvidence => {
    const { source, target } = entry;
    const look = (stored: StoredTrace): PathLook => lookAt(stored, entry, directory);
    const fresh = freshOf(traces, entry, nowMs);
    const looks = fresh.filter((stored) => !moved.has(source) || beganMs(stored) >= sinceMs).map(look);
    const others = stayersOf(inForce, asked, target).flatMap((other) =>
      freshOf(traces, other, nowMs)
        .slice(-1)
        .map((stored) => lookAt(stored, other, directory)),
    );
    const unreachable = others.filter(({ kind }) => kind === "destination-unreachable").length;
    return {
      subject: `${source} to ${target}`,
      plane: asked.to,
      looks,
      others: { asked: others.length, unreachable },
    };
  });
}

/** Who traces a target by the old plane: its routers, and Edges that are wanted there. */
function stayersOf(inForce: InForce, { from, moved }: PathsAsked, target: string): readonly ExpectedEntry[] {
  const routers = new Set(routersOf(inForce.fabric, [from]).map(({ name }) => name));
  const stays = (source: string): boolean =>
    routers.has(source) || (inForce.steering.get(source)?.plane === from && !moved.includes(source));
  return pathsToWatch(inForce).entries.filter((entry) => entry.target === target && stays(entry.source));
}

function freshOf(
  traces: TraceStore,
  { source, target, intervalMs }: ExpectedEntry,
  nowMs: number,
): readonly StoredTrace[] {
  const { staleAfterMs } = watchSettings(intervalMs);
  return traces.traces(source, target).filter(({ atMs }) => nowMs - atMs <= staleAfterMs);
}

function lookAt({ trace, atMs }: StoredTrace, entry: ExpectedEntry, directory: HopDirectory): PathLook {
  const { kind, planes, words } = judgeTrace(trace, entry, directory);
  return { atMs: Math.round(atMs), kind, planes, words };
}

function beganMs({ trace, atMs }: StoredTrace): number {
  return atMs - (trace.endedAt - trace.startedAt);
}

/** What is in force never changes: made once for all looks at it. */
const directories = new WeakMap<InForce, HopDirectory>();

function directoryOf(inForce: InForce): HopDirectory {
  let found = directories.get(inForce);
  if (found === undefined) {
    found = joinDirectories(pathsToWatch(inForce).directory, fabricDirectory(inForce.fabric));
    directories.set(inForce, found);
  }
  return found;
}
