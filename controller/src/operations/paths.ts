import { EMPTY_DIRECTORY, type HopDirectory } from "@vsix/shared/paths/directory.ts";
import { findEntry } from "@vsix/shared/paths/expected.ts";
import type { PathStatus } from "@vsix/shared/paths/path-watch.ts";
import type { PathEvent, Sighting } from "@vsix/shared/paths/watch-state.ts";
import { timestamp } from "../clock.ts";
import type { InForce } from "../desired/in-force.ts";
import { drawnPath } from "../status/drawn-path.ts";
import type {
  PathDetail,
  PathEventView,
  PathView,
  ReceiverView,
  SightingView,
  SilenceView,
} from "../status/path-model.ts";
import type { NumberedEvent } from "../watch/path-watcher.ts";
import { pathsToWatch } from "../watch/paths-to-watch.ts";
import type { Context } from "./context.ts";

/** Every watched path, by source and target. */
export function pathsNow({ watch }: Context): readonly PathView[] {
  return watch.paths.list().map(viewOf);
}

/** One of them with what was seen last, and what was seen before it changed. Throws ControllerError `unknown-path`. */
export function pathNow({ watch, desired }: Context, source: string, target: string): PathDetail {
  const status = watch.paths.get(source, target);
  const { last, state } = status;
  // `before` is the last look that was as `current`; while another state is told, it is what people knew.
  const before = state.told === undefined || state.told === state.current ? undefined : state.told;
  return {
    ...viewOf(status),
    trace: traceOf(last?.trace),
    drawn: drawnNow(status, desired.inForce, watch.paths.directory),
    before: before === undefined ? null : { ...sightingView(before), trace: traceOf(before.trace) },
  };
}

function drawnNow(
  status: PathStatus,
  inForce: InForce | undefined,
  directory: HopDirectory = EMPTY_DIRECTORY,
): PathDetail["drawn"] {
  if (inForce === undefined) return { target: null, ways: [], expected: [] };
  const { source, target } = status.state;
  const entry = findEntry(pathsToWatch(inForce), source, target);
  return drawnPath(status, { fabric: inForce.fabric, directory, entry });
}

export function silencesNow({ watch }: Context): readonly SilenceView[] {
  return watch.paths.silences.map(({ source, target, by, until, reason }) => ({
    ...{ source, target, by },
    until: timestamp(until),
    note: reason,
  }));
}

/** What was seen of paths, newest first. */
export async function pathEvents(
  { store }: Context,
  limit: number,
  of: { readonly source?: string; readonly target?: string },
): Promise<readonly PathEventView[]> {
  const rows = await store.read.pathEvents(limit, of);
  return rows.map(({ id, body }) => eventView({ id, event: JSON.parse(body) as PathEvent }));
}

/** Who is told, and how that goes. */
export function receiversNow({ watch }: Context): readonly ReceiverView[] {
  return watch.notices.list().map(({ last, ...rest }) => ({
    ...rest,
    last: last === null ? null : { ...last, at: timestamp(last.at) },
  }));
}

export function eventView({ id, event }: NumberedEvent): PathEventView {
  const { type, level, source, target, at, before, after, lastedMs, likely, withheld } = event;
  return {
    ...{ id, at: timestamp(at), kind: type, level, source, target },
    withheld: withheld ?? null,
    before: before === undefined ? null : sightingView(before),
    after: sightingView(after),
    lastedMs: lastedMs ?? null,
    likely: likely?.words ?? null,
  };
}

function viewOf({ state, last }: PathStatus): PathView {
  const { source, target, targetAddress, current, since, flapping, acknowledged, silence } = state;
  const timeOrNull = (at: number | undefined): string | null => (at === undefined ? null : timestamp(at));
  return {
    ...{ source, target, address: targetAddress },
    current: current === undefined ? null : sightingView(current),
    since: timeOrNull(since),
    lookedAt: timeOrNull(last?.trace.endedAt),
    flapping: flapping === true,
    acknowledged: acknowledged === undefined ? null : { ...acknowledged, at: timestamp(acknowledged.at) },
    silenced:
      silence === undefined
        ? null
        : { by: silence.by, until: timestamp(silence.until), note: silence.reason },
  };
}

function sightingView({ kind, level, words, planes, endedAt }: Sighting): SightingView {
  return { kind, level, words, planes: [...planes], at: timestamp(endedAt) };
}

/** The answer's schema speaks of lists that may change; nobody changes these. */
function traceOf(trace: Sighting["trace"]): PathDetail["trace"] {
  return trace === undefined ? null : (structuredClone(trace) as PathDetail["trace"]);
}
