import { type Static, Type } from "@sinclair/typebox";

/** Orders that one node takes. */
export const MAX_TRACE_ORDERS = 1024;

/** A path to look at again and again. */
export const TraceOrder = Type.Object({
  /** Name of the target, as the trace gives it back. */
  name: Type.String({ minLength: 1, maxLength: 63 }),
  address: Type.String({ minLength: 2, maxLength: 64 }),
  protocol: Type.Union([Type.Literal("icmp6"), Type.Literal("udp"), Type.Literal("tcp")]),
  /** Each with its own flow label and ports, which stay the same from trace to trace. */
  flows: Type.Integer({ minimum: 1, maximum: 64 }),
  /** From the start of one trace to that of the next. */
  intervalMs: Type.Integer({ minimum: 1000, maximum: 3_600_000 }),
  /** Of the target; UDP and TCP only. Absent: 33434 or 443. */
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  /** The path MTU is measured with every so manieth trace; absent: never. */
  mtuEvery: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
});
export type TraceOrder = Static<typeof TraceOrder>;

/**
 * What a node traces. Like `measure` it travels inside part `probes`: an agent that does not know it lets an unknown field
 * through, but would refuse a manifest that names an unknown part.
 */
export const TracesPart = Type.Object({
  /** Over all orders: what is more than that takes longer, and turns are left out. */
  maxPacketsPerS: Type.Integer({ minimum: 1, maximum: 10_000 }),
  orders: Type.Array(TraceOrder, { maxItems: MAX_TRACE_ORDERS }),
});
export type TracesPart = Static<typeof TracesPart>;
