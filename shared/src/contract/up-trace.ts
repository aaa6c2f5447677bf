import { type Static, Type } from "@sinclair/typebox";

/** Hops of a flow: a node asks no farther than 30. */
export const MAX_TRACE_HOPS = 64;
export const MAX_TRACE_FLOWS = 64;
/** To the probes of one flow with one hop limit: three are sent. */
export const MAX_HOP_ANSWERS = 16;

/** Nothing else gets from a stranger onto a terminal. */
const AddressText = Type.String({ pattern: "^[0-9a-f:.]{2,45}$" });
const HopLimit = Type.Integer({ minimum: 0, maximum: 255 });
const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
/** Milliseconds of a wall clock. */
const WallMs = Type.Number({ minimum: 0, maximum: 2 ** 53 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
/** ICMPv6 code, or MTU. */
const Detail = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 });

const Answer = Type.Object({
  address: AddressText,
  rttUs: Type.Number({ minimum: 0, maximum: 600_000_000 }),
  kind: Type.Union([
    Type.Literal("time-exceeded"),
    Type.Literal("echo-reply"),
    Type.Literal("unreachable"),
    Type.Literal("too-big"),
    Type.Literal("tcp-syn-ack"),
    Type.Literal("tcp-rst"),
  ]),
  detail: Type.Optional(Detail),
});

const Hop = Type.Object({
  hop: Type.Integer({ minimum: 1, maximum: 255 }),
  sent: Type.Integer({ minimum: 0, maximum: 1000 }),
  answers: Type.Array(Answer, { maxItems: MAX_HOP_ANSWERS }),
  rateLimited: Type.Boolean(),
});

const End = Type.Union([
  Type.Object({ kind: Type.Literal("reached"), hop: HopLimit }),
  Type.Object({ kind: Type.Literal("unreachable"), hop: HopLimit, address: AddressText, code: Detail }),
  Type.Object({ kind: Type.Literal("silent"), fromHop: HopLimit }),
  Type.Object({ kind: Type.Literal("too-long"), maxHops: HopLimit }),
  Type.Object({ kind: Type.Literal("failed"), reason: Type.String({ maxLength: 512 }) }),
]);

const Flow = Type.Object({
  flow: Type.Integer({ minimum: 0, maximum: MAX_TRACE_FLOWS - 1 }),
  flowLabel: Type.Integer({ minimum: 0, maximum: 0xfffff }),
  sourcePort: Type.Optional(Port),
  destinationPort: Type.Optional(Port),
  hops: Type.Array(Hop, { maxItems: MAX_TRACE_HOPS }),
  end: End,
});

/** paths/trace.ts's Trace, within bounds. */
export const TraceBody = Type.Object({
  version: Type.Literal(1),
  source: Type.String({ maxLength: 63 }),
  sourceAddress: AddressText,
  target: Type.String({ maxLength: 63 }),
  targetAddress: AddressText,
  protocol: Type.Union([Type.Literal("icmp6"), Type.Literal("udp"), Type.Literal("tcp")]),
  startedAt: WallMs,
  endedAt: WallMs,
  flows: Type.Array(Flow, { maxItems: MAX_TRACE_FLOWS }),
  pathMtu: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_575 })),
  allPathsSeen: Type.Optional(Share),
});

/**
 * Topic `trace`, not retained: one trace that the node's orders asked for (part-traces.ts), as soon as it is over. Its
 * `source` is the node.
 */
export const TraceReport = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  /** What the trace took, on a clock that never jumps. */
  tookMs: Type.Number({ minimum: 0, maximum: 3_600_000 }),
  trace: TraceBody,
});
export type TraceReport = Static<typeof TraceReport>;
