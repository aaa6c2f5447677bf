import { punished } from "./damping.ts";
import { likelyCause, type RecordedChange } from "./likely.ts";
import type { VerdictKind } from "./verdict.ts";
import { levelOf } from "./verdict.ts";
import {
  type Acknowledgement,
  isGood,
  noSighting,
  type PathEvent,
  type Sighting,
  type Silence,
  type WatchSettings,
  type WatchState,
} from "./watch-state.ts";
import { tell } from "./watch-tell.ts";

/**
 * The watch of one source and target, as pure steps: each look in, the next state and what is to be logged or told out.
 * What people were told is remembered; a notice is due whenever it is no longer so and nothing holds it back.
 */

export interface WatchStep {
  readonly state: WatchState;
  readonly events: readonly PathEvent[];
}

/** One more look. `at`: wall clock, milliseconds; `changes`: what was changed lately, to find the likely cause in. */
export function observe(
  state: WatchState,
  sighting: Sighting,
  at: number,
  changes: readonly RecordedChange[],
  settings: WatchSettings,
): WatchStep {
  const recent = [...state.recent, sighting.kind].slice(-settings.window);
  const plane = sighting.planes.join(",");
  // A trace in which no router of a plane answered says nothing of the plane.
  const recentPlanes =
    plane === "" ? state.recentPlanes : [...state.recentPlanes, plane].slice(-settings.window);
  const seen: WatchState = {
    ...state,
    recent,
    recentPlanes,
    lastAt: Math.max(state.lastAt ?? 0, sighting.endedAt),
  };
  const { current } = state;
  if (current !== undefined && current.kind === sighting.kind) {
    const { off: _, ...same } = seen;
    return tell(movePlane({ ...same, before: sighting }, sighting, at, changes, settings), at, settings);
  }
  const off: Sighting = seen.off ?? sighting;
  if (!isConfirmed(recent, current?.kind, settings)) {
    return tell(movePlane({ ...seen, off }, sighting, at, changes, settings), at, settings);
  }
  const changed: WatchState = {
    ...seen,
    current: sighting,
    since: off.endedAt,
    before: sighting,
    plane: plane === "" ? (seen.plane ?? "") : plane,
    damping: crosses(current, sighting) ? punished(seen.damping, at, settings.damping) : seen.damping,
  };
  const { off: __, ...next } = changed;
  const event = transition(seen, sighting, off, at, changes);
  return tell({ state: next, events: [event] }, at, settings);
}

/** Time passes: silences end, damping ends, and where no trace came for too long, that is a look too. */
export function tick(
  state: WatchState,
  at: number,
  changes: readonly RecordedChange[],
  settings: WatchSettings,
): WatchStep {
  const { lastAt } = state;
  if (lastAt !== undefined && at - lastAt > settings.staleAfterMs) {
    const step = observe(state, noSighting(lastAt, at), at, changes, settings);
    // The next one is to say since when there is none, not since the last tick.
    return { ...step, state: { ...step.state, lastAt } };
  }
  return tell({ state, events: [] }, at, settings);
}

/** Somebody looks after what was told: no more notices until it is worse or well. Undefined: nothing is wrong. */
export function acknowledge(state: WatchState, acknowledged: Acknowledgement): WatchState | undefined {
  return state.told === undefined || isGood(state.told.level) ? undefined : { ...state, acknowledged };
}

/** No notices until then. What is different afterwards is told then. */
export function silence(state: WatchState, until: Silence): WatchState {
  return { ...state, silence: until };
}

export function endSilence({ silence: _, ...state }: WatchState): WatchState {
  return state;
}

/**
 * N of the last M agree on something else. Between good and bad it is enough that they agree on that: a path that is
 * wrong in another way each time is wrong.
 */
function isConfirmed(
  recent: readonly VerdictKind[],
  current: VerdictKind | undefined,
  { needed }: WatchSettings,
): boolean {
  const newest = recent.at(-1);
  if (newest === undefined) return false;
  const good = (kind: VerdictKind): boolean => isGood(levelOf(kind));
  const other = current === undefined || good(current) !== good(newest);
  const agree = (kind: VerdictKind): boolean => (other ? good(kind) === good(newest) : kind === newest);
  return recent.filter(agree).length >= needed;
}

function crosses(before: Sighting | undefined, after: Sighting): boolean {
  return before !== undefined && isGood(before.level) !== isGood(after.level);
}

function transition(
  state: WatchState,
  after: Sighting,
  off: Sighting,
  at: number,
  changes: readonly RecordedChange[],
): PathEvent {
  const { source, target, targetAddress, current, before = current, since, acknowledged } = state;
  const base = { source, target, targetAddress, at, after };
  if (current === undefined || before === undefined) return { ...base, type: "first", level: after.level };
  const recovered = !isGood(current.level) && isGood(after.level);
  const names = new Set([source, target, ...before.nodes, ...after.nodes, ...before.planes, ...after.planes]);
  const likely = likelyCause(changes, { from: before.startedAt, to: off.endedAt }, names);
  return {
    ...base,
    type: recovered ? "recovered" : "changed",
    level: recovered ? current.level : after.level,
    before,
    ...(since === undefined ? {} : { lastedMs: Math.max(0, off.endedAt - since) }),
    ...(likely === undefined ? {} : { likely }),
    ...(acknowledged === undefined ? {} : { acknowledged }),
  };
}

/** Another plane, although the verdict is the same. */
function movePlane(
  state: WatchState,
  after: Sighting,
  at: number,
  changes: readonly RecordedChange[],
  settings: WatchSettings,
): WatchStep {
  const newest = state.recentPlanes.at(-1);
  if (newest === undefined || newest === state.plane || after.planes.join(",") !== newest)
    return { state, events: [] };
  if (state.recentPlanes.filter((plane) => plane === newest).length < settings.needed)
    return { state, events: [] };
  const moved = { ...state, plane: newest };
  // Before anything is known of a path, it cannot have moved.
  if (state.plane === undefined || state.plane === "" || state.current === undefined)
    return { state: moved, events: [] };
  const { source, target, targetAddress } = state;
  const from: Sighting = { ...state.current, planes: state.plane.split(",") };
  const names = new Set([source, target, ...from.nodes, ...after.nodes, ...from.planes, ...after.planes]);
  const likely = likelyCause(changes, { from: from.startedAt, to: after.endedAt }, names);
  const event: PathEvent = {
    type: "plane-moved",
    level: "notice",
    source,
    target,
    targetAddress,
    at,
    before: from,
    after,
    ...(likely === undefined ? {} : { likely }),
  };
  return { state: { ...moved, current: { ...state.current, planes: after.planes } }, events: [event] };
}
