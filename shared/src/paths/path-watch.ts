import { Value } from "@sinclair/typebox/value";
import { canonicalAddress } from "../net/address.ts";
import { EMPTY_DIRECTORY, type HopDirectory } from "./directory.ts";
import type { ExpectedEntry, ExpectedPaths } from "./expected.ts";
import { judgeTrace } from "./judge.ts";
import type { RecordedChange } from "./likely.ts";
import { type SilenceRule, silenceOf, withoutSilence, withSilence } from "./silences.ts";
import type { Trace } from "./trace.ts";
import type { Verdict } from "./verdict.ts";
import { acknowledge, endSilence, observe, silence, tick, type WatchStep } from "./watch.ts";
import { restorePath, type SavedPath, SavedWatch, savePath } from "./watch-saved.ts";
import {
  newWatch,
  type PathEvent,
  sightingOf,
  type WatchSettings,
  type WatchState,
  watchSettings,
} from "./watch-state.ts";

export interface PathWatchOptions {
  /** Everything that happens, for the log; also what is told. Must not throw. */
  readonly onEvent: (event: PathEvent) => void;
  /** What people are to be told. Called after onEvent of the same event. Must not throw. */
  readonly onNotice: (event: PathEvent) => void;
  /** What was changed lately, as of now, to find the likely cause in. */
  readonly changes: () => readonly RecordedChange[];
  /** `notice` tells silent hops and moves between allowed planes as well. Default: `warning`. */
  readonly least?: WatchSettings["least"];
}

/** One path as `list` shows it. */
export interface PathStatus {
  /** What is so, what people were told, who looks after it; `silence` is what holds now. */
  readonly state: WatchState;
  /** The newest look, which alone changes nothing; absent since the start. */
  readonly last?: { readonly at: number; readonly trace: Trace; readonly verdict: Verdict };
}

/** What became of a trace. */
export type Accepted =
  | { readonly kind: "judged"; readonly verdict: Verdict }
  /** Nothing is expected between the two, or from that node, or the target has another address by now. */
  | { readonly kind: "unexpected" }
  /** The same one again, or an older one. */
  | { readonly kind: "old" }
  | { readonly kind: "too-many" };

export type AcknowledgeResult = "acknowledged" | "unknown-path" | "nothing-wrong";

/** Expected entries × the nodes that "*" stands for. */
export const MAX_WATCHES = 16_384;
/** A trace that took longer to come tells by its arrival how old it is: whose clock is right is unknown. */
const MAX_AGE_MS = 30_000;
/** A source's clock that went back by more than this was set; what is older by less came in the wrong order. */
const REORDER_MS = 60_000;

interface Watched {
  state: WatchState;
  entry: ExpectedEntry;
  last: PathStatus["last"];
}

/**
 * The watch of all paths that a file expects: traces and time in, events and notices out. No I/O and no clock: `at` is
 * the wall clock everywhere, milliseconds. What it remembers over a restart is JSON (watch-saved.ts).
 */
export class PathWatch {
  readonly #options: PathWatchOptions;
  readonly #watches = new Map<string, Watched>();
  /** Of an earlier run, until its entry is known. */
  readonly #restored = new Map<string, WatchState>();
  readonly #changed = new Set<string>();
  /** By source and target; the source may be "*". */
  #entries: ReadonlyMap<string, ExpectedEntry> = new Map();
  #directory: HopDirectory = EMPTY_DIRECTORY;
  #sources: readonly string[] | undefined;
  #silences: readonly SilenceRule[] = [];

  constructor(options: PathWatchOptions) {
    this.#options = options;
  }

  /**
   * What is right from now on. Paths that are expected no longer are forgotten; from those that are, a trace is awaited
   * at once. `sources`: the nodes that trace, for which "*" stands; absent: whoever sends one.
   */
  setExpected(
    expected: ExpectedPaths,
    directory: HopDirectory,
    at: number,
    sources?: readonly string[],
  ): void {
    this.#entries = new Map(expected.entries.map((entry) => [keyOf(entry.source, entry.target), entry]));
    this.#directory = directory;
    this.#sources = sources;
    for (const [key, watched] of this.#watches) {
      const { source, target } = watched.state;
      const entry = this.#entryOf(source, target);
      if (entry === undefined) {
        this.#watches.delete(key);
        this.#changed.add(key);
      } else {
        watched.entry = entry;
        if (entry.targetAddress !== watched.state.targetAddress) this.#begin(source, entry, at);
      }
    }
    for (const entry of expected.entries) {
      const named = entry.source === "*" ? (sources ?? []) : [entry.source];
      for (const source of named) {
        if (this.#entryOf(source, entry.target) !== entry) continue;
        if (!this.#watches.has(keyOf(source, entry.target))) this.#begin(source, entry, at);
      }
    }
  }

  /** Judges a trace, whoever sent it: its names, times and hops are believed no further than that. */
  accept(trace: Trace, at: number): Accepted {
    const entry = this.#entryOf(trace.source, trace.target);
    if (entry === undefined || canonicalAddress(trace.targetAddress) !== entry.targetAddress)
      return { kind: "unexpected" };
    const key = keyOf(trace.source, trace.target);
    const watched = this.#watches.get(key) ?? this.#begin(trace.source, entry, at);
    if (watched === undefined) return { kind: "too-many" };
    const before = watched.last?.trace.endedAt;
    if (before !== undefined && trace.endedAt <= before && trace.endedAt > before - REORDER_MS)
      return { kind: "old" };
    const verdict = judgeTrace(trace, entry, this.#directory);
    watched.last = { at, trace, verdict };
    const sighting = { ...sightingOf(trace, verdict, this.#directory), ...timesOf(trace, at) };
    this.#step(key, watched, at, (state, settings) =>
      observe(state, sighting, at, this.#options.changes(), settings),
    );
    return { kind: "judged", verdict };
  }

  /** To be called every second or so: silences and damping end, and a trace that does not come is noticed. */
  tick(at: number): void {
    this.#silences = this.#silences.filter(({ until }) => at < until);
    const changes = this.#options.changes();
    for (const [key, watched] of this.#watches) {
      this.#step(key, watched, at, (state, settings) => tick(state, at, changes, settings));
    }
  }

  /** Somebody looks after a path that is wrong: no more notices until it is worse or well. */
  acknowledge(source: string, target: string, by: string, at: number, note: string): AcknowledgeResult {
    const key = keyOf(source, target);
    const watched = this.#watches.get(key);
    if (watched === undefined) return "unknown-path";
    const state = acknowledge(watched.state, { by, at, note });
    if (state === undefined) return "nothing-wrong";
    watched.state = state;
    this.#changed.add(key);
    return "acknowledged";
  }

  /** No notices of these paths until then. "*" is every source or target, also of later files. False: too many. */
  silence(rule: SilenceRule): boolean {
    const rules = withSilence(this.#silences, rule);
    if (rules === undefined) return false;
    this.#silences = rules;
    return true;
  }

  /** Ends what was ordered for just these two names. What is different since is told at the next tick. False: none was. */
  endSilence(source: string, target: string): boolean {
    const rules = withoutSilence(this.#silences, { source, target });
    const ended = rules.length < this.#silences.length;
    this.#silences = rules;
    return ended;
  }

  get silences(): readonly SilenceRule[] {
    return this.#silences;
  }

  /** Every path, sorted by source and target. */
  list(at: number): readonly PathStatus[] {
    return [...this.#watches.values()]
      .map(({ state, last }) => ({
        state: this.#silenced(state, at),
        ...(last === undefined ? {} : { last }),
      }))
      .sort((a, b) =>
        keyOf(a.state.source, a.state.target) < keyOf(b.state.source, b.state.target) ? -1 : 1,
      );
  }

  get(source: string, target: string, at: number): PathStatus | undefined {
    const watched = this.#watches.get(keyOf(source, target));
    if (watched === undefined) return undefined;
    const { state, last } = watched;
    return { state: this.#silenced(state, at), ...(last === undefined ? {} : { last }) };
  }

  /**
   * Paths of which something has to be kept that was not so at the last call; `saved` is absent where nothing is kept any
   * more. To be stored together with the events that came with it.
   */
  takeChanged(): readonly { readonly source: string; readonly target: string; readonly saved?: SavedPath }[] {
    const changed = [...this.#changed].map((key) => {
      const [source = "", target = ""] = key.split(" ");
      const state = this.#watches.get(key)?.state;
      return { source, target, ...(state === undefined ? {} : { saved: savePath(state) }) };
    });
    this.#changed.clear();
    return changed;
  }

  toJSON(): SavedWatch {
    return {
      version: 1,
      silences: [...this.#silences],
      paths: [...this.#watches.values()].map(({ state }) => savePath(state)),
    };
  }

  /**
   * Goes on from what toJSON() or takeChanged() gave, before setExpected(). Anything that cannot be read is left out.
   * @returns whether all of it could be read.
   */
  restore(value: unknown, at: number): boolean {
    if (!Value.Check(SavedWatch, value)) return false;
    this.#silences = value.silences.filter(({ until }) => at < until);
    let whole = true;
    for (const path of value.paths.slice(0, MAX_WATCHES)) {
      const state = restorePath(path);
      if (state === undefined) whole = false;
      // Nobody looked meanwhile: that no trace came is known from now on.
      else this.#restored.set(keyOf(state.source, state.target), { ...state, lastAt: at });
    }
    return whole;
  }

  #entryOf(source: string, target: string): ExpectedEntry | undefined {
    if (!NAME.test(source)) return undefined;
    const own = this.#entries.get(keyOf(source, target));
    if (own !== undefined || this.#sources?.includes(source) === false) return own;
    return this.#entries.get(keyOf("*", target));
  }

  #begin(source: string, entry: ExpectedEntry, at: number): Watched | undefined {
    const key = keyOf(source, entry.target);
    if (this.#watches.size >= MAX_WATCHES && !this.#watches.has(key)) return undefined;
    const known = this.#restored.get(key);
    this.#restored.delete(key);
    const same = known?.targetAddress === entry.targetAddress;
    const state = same ? known : { ...newWatch(source, entry.target, entry.targetAddress), lastAt: at };
    const watched: Watched = { state, entry, last: undefined };
    this.#watches.set(key, watched);
    if (!same) this.#changed.add(key);
    return watched;
  }

  #step(
    key: string,
    watched: Watched,
    at: number,
    step: (state: WatchState, settings: WatchSettings) => WatchStep,
  ): void {
    const { least } = this.#options;
    const settings = {
      ...watchSettings(watched.entry.intervalMs),
      ...(least === undefined ? {} : { least }),
    };
    const before = watched.state;
    const { state, events } = step(this.#silenced(before, at), settings);
    watched.state = state;
    if (isNews(before, state)) this.#changed.add(key);
    for (const event of events) {
      this.#options.onEvent(event);
      if (event.withheld === undefined) this.#options.onNotice(event);
    }
  }

  #silenced(state: WatchState, at: number): WatchState {
    const rule = silenceOf(this.#silences, state.source, state.target, at);
    return rule === undefined ? endSilence(state) : silence(state, rule);
  }
}

/** What must not be lost with the process. That the newest look was like the one before may be. */
function isNews(before: WatchState, after: WatchState): boolean {
  return (
    before.current !== after.current ||
    before.told !== after.told ||
    before.plane !== after.plane ||
    before.flapping !== after.flapping ||
    before.acknowledged !== after.acknowledged ||
    before.damping.suppressed !== after.damping.suppressed
  );
}

/** When the look was, on this machine's clock: the trace's own, unless that cannot be. */
function timesOf({ startedAt, endedAt }: Trace, at: number): { startedAt: number; endedAt: number } {
  const tookMs = Math.min(Math.max(0, endedAt - startedAt), 3_600_000);
  const end = endedAt <= at && endedAt > at - MAX_AGE_MS ? endedAt : at;
  return { startedAt: end - tookMs, endedAt: end };
}

/** Names of nodes and targets: no blank, which parts the two in a key. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

function keyOf(source: string, target: string): string {
  return `${source} ${target}`;
}
