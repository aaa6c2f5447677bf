import { type Damping, type DampingSettings, DEFAULT_DAMPING, NO_DAMPING } from "./damping.ts";
import type { HopDirectory } from "./directory.ts";
import type { LikelyCause } from "./likely.ts";
import type { Trace } from "./trace.ts";
import { type Level, levelOf, type Verdict, type VerdictKind } from "./verdict.ts";

/** What the watch of one source and target remembers, and what it says. All of it plain JSON. */

export interface WatchSettings {
  /** Of the last `window` verdicts, so many make a change. Two, so that one is told within two cycles. */
  readonly needed: number;
  readonly window: number;
  readonly damping: DampingSettings;
  /** No trace for so long is a finding of its own. */
  readonly staleAfterMs: number;
  /** `notice` tells silent hops, limited answers and moves between allowed planes as well. */
  readonly least: "warning" | "notice";
}

export const DEFAULT_WATCH: WatchSettings = {
  needed: 2,
  window: 3,
  damping: DEFAULT_DAMPING,
  staleAfterMs: 45_000,
  least: "warning",
};

/** For a path that is traced every `intervalMs`: four cycles without a trace are too many. */
export function watchSettings(intervalMs: number): WatchSettings {
  return { ...DEFAULT_WATCH, staleAfterMs: 4 * intervalMs + 5_000 };
}

/** One look at a path. */
export interface Sighting {
  readonly kind: VerdictKind;
  readonly level: Level;
  readonly words: string;
  readonly planes: readonly string[];
  /** Known routers on the way. */
  readonly nodes: readonly string[];
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent when there was none. */
  readonly trace?: Trace;
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
  readonly note: string;
}

export interface Silence {
  readonly by: string;
  /** Wall clock, milliseconds; from then on it is over. */
  readonly until: number;
  readonly reason: string;
}

export interface WatchState {
  readonly version: 1;
  readonly source: string;
  readonly target: string;
  readonly targetAddress: string;
  /** The last `window` verdicts and planes, newest last. */
  readonly recent: readonly VerdictKind[];
  readonly recentPlanes: readonly string[];
  /** What is so, after N of M. Absent until enough was seen. */
  readonly current?: Sighting;
  /** Since when, milliseconds. */
  readonly since?: number;
  /** Planes joined by commas, after N of M. */
  readonly plane?: string;
  /** The last look that was as `current`. */
  readonly before?: Sighting;
  /** The first look after it that was not. */
  readonly off?: Sighting;
  /** What people believe, because they were told or because all was well from the start. */
  readonly told?: Sighting;
  /** When the newest look ended. */
  readonly lastAt?: number;
  readonly damping: Damping;
  /** That it flaps was told, and that it has settled was not yet. */
  readonly flapping?: true;
  readonly acknowledged?: Acknowledgement;
  readonly silence?: Silence;
}

export function newWatch(source: string, target: string, targetAddress: string): WatchState {
  return {
    version: 1,
    source,
    target,
    targetAddress,
    recent: [],
    recentPlanes: [],
    damping: NO_DAMPING,
  };
}

/** Why something is not told. */
export type Withheld = "minor" | "silenced" | "damped" | "acknowledged" | "known";

export interface PathEvent {
  /** `flapping`: nothing more is told until it is quiet; `settled`: now it is. */
  readonly type: "first" | "changed" | "recovered" | "plane-moved" | "flapping" | "settled";
  /** Everything goes into the log; what is not withheld is sent too. */
  readonly withheld?: Withheld;
  /** Of what it is about: of the old state for a recovery. */
  readonly level: Level;
  readonly source: string;
  readonly target: string;
  readonly targetAddress: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly before?: Sighting;
  readonly after: Sighting;
  /** How long it was as before, milliseconds. */
  readonly lastedMs?: number;
  readonly likely?: LikelyCause;
  /** Of the state that ends with this. */
  readonly acknowledged?: Acknowledgement;
}

/** A look from a judged trace. */
export function sightingOf(trace: Trace, verdict: Verdict, directory: HopDirectory): Sighting {
  const addresses = new Set(
    trace.flows.flatMap(({ hops }) => hops.flatMap(({ answers }) => answers)).map(({ address }) => address),
  );
  return {
    kind: verdict.kind,
    level: levelOf(verdict.kind),
    words: verdict.words,
    planes: verdict.planes,
    nodes: [...new Set([...addresses].flatMap((address) => directory.lookup(address)?.node ?? []))].sort(),
    startedAt: trace.startedAt,
    endedAt: trace.endedAt,
    trace,
  };
}

/** A look that there was not: no trace came although one should have. */
export function noSighting(lastAt: number, at: number): Sighting {
  const words = `no trace for ${Math.round((at - lastAt) / 1000)} s: the one who traces, or the way from it, is gone`;
  return {
    kind: "not-measured",
    level: "warning",
    words,
    planes: [],
    nodes: [],
    startedAt: lastAt,
    endedAt: at,
  };
}

/** Whether users are carried as they should be. */
export function isGood(level: Level): boolean {
  return level === "fine" || level === "notice";
}
