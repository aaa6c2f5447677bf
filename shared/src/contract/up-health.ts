import { type Static, Type } from "@sinclair/typebox";
import { HEALTH_LAYERS } from "./health-layers.ts";

export const HealthLayer = Type.Union(HEALTH_LAYERS.map((layer) => Type.Literal(layer)));
export type HealthLayer = (typeof HEALTH_LAYERS)[number];
export { HEALTH_LAYERS };

/** `unknown`: nothing there to look at, or not tried. */
export const HealthState = Type.Union([
  Type.Literal("good"),
  Type.Literal("poor"),
  Type.Literal("bad"),
  Type.Literal("unknown"),
]);
export type HealthState = Static<typeof HealthState>;

/** Printable: nothing else gets from a stranger onto a terminal. */
const Text = Type.String({ maxLength: 300, pattern: "^[ -~]*$" });
const Code = Type.String({ maxLength: 48, pattern: "^[a-z][a-z0-9-]*$" });

export const HealthVerdict = Type.Object({
  /** What is wrong, for programs: `translator-silent`. */
  code: Code,
  layer: HealthLayer,
  state: Type.Union([Type.Literal("poor"), Type.Literal("bad")]),
  /** The same in words. */
  text: Text,
  /** The plane, where it is about one. */
  plane: Type.Optional(Type.String({ maxLength: 63 })),
});
export type HealthVerdict = Static<typeof HealthVerdict>;

export const HealthCheck = Type.Object({
  layer: HealthLayer,
  /** What was looked at. */
  subject: Text,
  state: HealthState,
  /** What was found, or why it was not tried. */
  text: Text,
  /** Where there is a time: round trip (median), answer of a resolver, first octet of a page. */
  us: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000_000 })),
  /** Of echoes. */
  lossPercent: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  plane: Type.Optional(Type.String({ maxLength: 63 })),
});
export type HealthCheck = Static<typeof HealthCheck>;

/** Topic `health`, not retained: one run over all layers, as soon as it is over. */
export const Health = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  /** Random at each start of the agent: runs are counted from 1 again. */
  instance: Type.String({ maxLength: 64 }),
  run: Type.Integer({ minimum: 1 }),
  /** Milliseconds of the node's wall clock; for people. */
  startedMs: Type.Number({ minimum: 0, maximum: 2 ** 53 }),
  tookMs: Type.Number({ minimum: 0, maximum: 600_000 }),
  state: HealthState,
  /** The gravest first; none where all is well. */
  verdicts: Type.Array(HealthVerdict, { maxItems: 32 }),
  layers: Type.Array(Type.Object({ layer: HealthLayer, state: HealthState }), {
    maxItems: HEALTH_LAYERS.length,
  }),
  checks: Type.Array(HealthCheck, { maxItems: 256 }),
});
export type Health = Static<typeof Health>;
