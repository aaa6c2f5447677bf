import { decayed } from "./damping.ts";
import type { Level } from "./verdict.ts";
import type { WatchStep } from "./watch.ts";
import {
  isGood,
  type PathEvent,
  type Sighting,
  type WatchSettings,
  type WatchState,
  type Withheld,
} from "./watch-state.ts";

/**
 * Decides which events are sent, and makes those that are due because nothing holds them back any more: what people
 * were told is compared with what is so.
 */
export function tell({ state, events }: WatchStep, at: number, settings: WatchSettings): WatchStep {
  const now = withTime(state, at, settings);
  const [event] = events;
  if (event === undefined) return tellLate(now, at, settings);
  if (event.type === "plane-moved") {
    const withheld = settings.least === "warning" ? "minor" : holding(now);
    return { state: now, events: [withheld === undefined ? event : { ...event, withheld }] };
  }
  return tellNow(now, event, settings);
}

/** Silence and damping that are over are taken away; an acknowledgement ends with what it was for. */
function withTime(state: WatchState, at: number, settings: WatchSettings): WatchState {
  const { silence, acknowledged, ...rest } = state;
  const silent = silence !== undefined && at < silence.until;
  const bad = state.current !== undefined && !isGood(state.current.level);
  return {
    ...rest,
    damping: decayed(state.damping, at, settings.damping),
    ...(silent ? { silence } : {}),
    ...(acknowledged !== undefined && bad ? { acknowledged } : {}),
  };
}

function holding(state: WatchState): Withheld | undefined {
  if (state.silence !== undefined) return "silenced";
  return state.damping.suppressed ? "damped" : undefined;
}

function tellNow(state: WatchState, event: PathEvent, settings: WatchSettings): WatchStep {
  const { after } = event;
  const held = holding(state);
  if (held === "damped" && state.flapping === undefined) {
    return { state: { ...state, told: after, flapping: true }, events: [{ ...event, type: "flapping" }] };
  }
  if (held !== undefined) return { state, events: [{ ...event, withheld: held }] };
  const withheld = needless(state, after, settings);
  if (withheld !== undefined) return { state: { ...state, told: after }, events: [{ ...event, withheld }] };
  return { state: unacknowledged(state, after), events: [event] };
}

function tellLate(state: WatchState, at: number, settings: WatchSettings): WatchStep {
  const { current, told, source, target, targetAddress, since } = state;
  const held = holding(state);
  if (current === undefined || held === "silenced") return { state, events: [] };
  const after = state.before?.kind === current.kind ? state.before : current;
  const base = { source, target, targetAddress, at, after, ...(told === undefined ? {} : { before: told }) };
  const reason = needless(state, after, settings);
  const due = reason === undefined;
  if (held === "damped") {
    if (state.flapping !== undefined || !due) return { state, events: [] };
    const event: PathEvent = { ...base, type: "flapping", level: worse(told, after) };
    return { state: { ...state, told: after, flapping: true }, events: [event] };
  }
  if (state.flapping !== undefined) {
    const { flapping: _, ...settled } = unacknowledged(state, after);
    return { state: settled, events: [{ ...base, type: "settled", level: worse(told, after) }] };
  }
  if (reason === "acknowledged") {
    const event: PathEvent = { ...base, type: "changed", level: after.level, withheld: reason };
    return { state: { ...state, told: after }, events: [event] };
  }
  if (!due) return { state, events: [] };
  const recovered = told !== undefined && !isGood(told.level) && isGood(after.level);
  const event: PathEvent = {
    ...base,
    type: recovered ? "recovered" : "changed",
    level: recovered ? told.level : after.level,
    ...(since === undefined ? {} : { lastedMs: Math.max(0, at - since) }),
  };
  return { state: unacknowledged(state, after), events: [event] };
}

/** Why there is no need to say that it is so now; undefined when there is. */
function needless(
  { told, acknowledged }: WatchState,
  now: Sighting,
  { least }: WatchSettings,
): Withheld | undefined {
  const big = (sighting: Sighting): boolean => !isGood(sighting.level);
  if (!big(now) && (told === undefined || !big(told))) {
    const news = least === "notice" && told !== undefined && told.kind !== now.kind;
    return news ? undefined : "minor";
  }
  if (told === undefined) return undefined;
  if (told.kind === now.kind) return "known";
  const looked = acknowledged !== undefined && big(now) && rank(now.level) <= rank(told.level);
  return looked ? "acknowledged" : undefined;
}

function unacknowledged({ acknowledged: _, ...state }: WatchState, told: Sighting): WatchState {
  return { ...state, told };
}

const RANKS: readonly Level[] = ["fine", "notice", "warning", "alarm"];

function rank(level: Level): number {
  return RANKS.indexOf(level);
}

function worse(a: Sighting | undefined, b: Sighting): Level {
  return a !== undefined && rank(a.level) > rank(b.level) ? a.level : b.level;
}
