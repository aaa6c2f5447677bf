import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { SilenceRule } from "./silences.ts";
import type { Trace } from "./trace.ts";
import { VERDICT_KINDS } from "./verdict.ts";
import type { Sighting, WatchState } from "./watch-state.ts";

/**
 * What a watch remembers over a restart, as JSON: who acknowledged, what people were told, how it flapped. One value per
 * path, so that a change of one writes one.
 */

const text = (maxLength: number) => Type.String({ maxLength });
const Kind = Type.Union(VERDICT_KINDS.map((kind) => Type.Literal(kind)));
const Level = Type.Union(["alarm", "warning", "notice", "fine"].map((level) => Type.Literal(level)));

const SavedSighting = Type.Object({
  kind: Kind,
  level: Level,
  words: text(4096),
  planes: Type.Array(text(64)),
  nodes: Type.Array(text(64)),
  startedAt: Type.Number(),
  endedAt: Type.Number(),
  /** Index into `traces`: the same trace is mostly meant several times. */
  trace: Type.Optional(Type.Integer({ minimum: 0 })),
});

const SavedState = Type.Object({
  version: Type.Literal(1),
  source: text(63),
  target: text(63),
  targetAddress: text(64),
  recent: Type.Array(Kind, { maxItems: 64 }),
  recentPlanes: Type.Array(text(1024), { maxItems: 64 }),
  current: Type.Optional(SavedSighting),
  since: Type.Optional(Type.Number()),
  plane: Type.Optional(text(1024)),
  before: Type.Optional(SavedSighting),
  off: Type.Optional(SavedSighting),
  told: Type.Optional(SavedSighting),
  lastAt: Type.Optional(Type.Number()),
  damping: Type.Object({ penalty: Type.Number(), at: Type.Number(), suppressed: Type.Boolean() }),
  flapping: Type.Optional(Type.Literal(true)),
  acknowledged: Type.Optional(Type.Object({ by: text(256), at: Type.Number(), note: text(1024) })),
});

/** As far as programs that show one count on it; it was checked when it came. */
const SavedTrace = Type.Object({
  version: Type.Literal(1),
  source: text(63),
  target: text(63),
  targetAddress: text(64),
  startedAt: Type.Number(),
  endedAt: Type.Number(),
  flows: Type.Array(
    Type.Object({
      flow: Type.Number(),
      hops: Type.Array(
        Type.Object({
          hop: Type.Number(),
          sent: Type.Number(),
          answers: Type.Array(Type.Object({ address: text(64), rttUs: Type.Number(), kind: text(32) })),
        }),
      ),
      end: Type.Object({ kind: text(32) }),
    }),
  ),
});

export const SavedPath = Type.Object({
  state: SavedState,
  traces: Type.Array(SavedTrace, { maxItems: 4 }),
});
export type SavedPath = Static<typeof SavedPath>;

export const SavedWatch = Type.Object({
  version: Type.Literal(1),
  silences: Type.Array(SilenceRule, { maxItems: 1000 }),
  paths: Type.Array(Type.Unknown(), { maxItems: 65_536 }),
});
export type SavedWatch = Static<typeof SavedWatch>;

/** Octets of one path's traces: a path of 255 hops that all answer from elsewhere keeps none. */
const MAX_TRACES = 256 * 1024;

export function savePath({ silence: _, ...state }: WatchState): SavedPath {
  const traces: Trace[] = [];
  const places = new Map<string, number>();
  let octets = 0;
  const saved = <S extends Sighting | undefined>(sighting: S) => {
    if (sighting === undefined) return {};
    const { trace, ...rest } = sighting;
    if (trace === undefined) return rest;
    const key = JSON.stringify(trace);
    const place = places.get(key);
    if (place !== undefined) return { ...rest, trace: place };
    if (octets + key.length > MAX_TRACES) return rest;
    octets += key.length;
    places.set(key, traces.length);
    traces.push(trace);
    return { ...rest, trace: traces.length - 1 };
  };
  const { current, before, off, told, ...plain } = state;
  const sightings = Object.fromEntries(
    Object.entries({ current, before, off, told }).flatMap(([name, sighting]) =>
      sighting === undefined ? [] : [[name, saved(sighting)]],
    ),
  );
  return { state: { ...plain, ...sightings }, traces } as unknown as SavedPath;
}

/** Undefined for what is not ours or of another version: that path is then seen as if for the first time. */
export function restorePath(value: unknown): WatchState | undefined {
  if (!Value.Check(SavedPath, value)) return undefined;
  const { state, traces } = value;
  const { current, before, off, told, ...plain } = state;
  const restored = Object.fromEntries(
    Object.entries({ current, before, off, told }).flatMap(([name, sighting]) => {
      if (sighting === undefined) return [];
      const { trace, ...rest } = sighting;
      const found = trace === undefined ? undefined : traces[trace];
      return [[name, { ...rest, ...(found === undefined ? {} : { trace: found }) }]];
    }),
  );
  return { ...plain, ...restored } as WatchState;
}
