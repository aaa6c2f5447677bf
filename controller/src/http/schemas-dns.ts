import { type Static, Type } from "@sinclair/typebox";
import { AAAA_OUTCOMES, type AaaaOutcome, PAIR_CLASSES, type PairClass } from "@vsix/shared/dns/model.ts";
import { EXPORT_FORMATS, type ExportFormat } from "../dns/exports.ts";
import type { TopBy } from "../dns/questions.ts";
import type { RankedKind } from "../dns/rank-rows.ts";

/** Milliseconds since 1970. */
const Time = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 9_000_000_000_000, description }));

/** The time asked about; without it the last hour. */
export const Span = {
  fromMs: Time("Milliseconds since 1970. Default: an hour before untilMs."),
  untilMs: Time("Exclusive. Default: now."),
};

const Filters = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: "Exactly this name." })),
  below: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: "This name and all below." }),
  ),
  client: Type.Optional(Type.String({ minLength: 2, maxLength: 64, description: "Address or prefix." })),
  outcome: Type.Optional(Type.Unsafe<AaaaOutcome>(Type.String({ enum: [...AAAA_OUTCOMES] }))),
  type: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  class: Type.Optional(Type.Unsafe<PairClass>(Type.String({ enum: [...PAIR_CLASSES] }))),
  node: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
};

export const OutcomesQuery = Type.Object({ ...Span });
export const WhereQuery = Type.Object({ ...Span, ...Filters });
export type WhereQuery = Static<typeof WhereQuery>;

export const TOP_KINDS = ["name", "client"] as const satisfies readonly RankedKind[];
export const TOP_BY = ["all", "a", "aaaa", "ready", "ipv4"] as const satisfies readonly TopBy[];

export const TopQuery = Type.Object({
  ...Span,
  ...Filters,
  kind: Type.Unsafe<RankedKind>(Type.String({ enum: [...TOP_KINDS], default: "name" })),
  by: Type.Unsafe<TopBy>(
    Type.String({
      enum: [...TOP_BY],
      default: "all",
      description:
        "ready: names that somebody got native AAAA of; ipv4: asked for AAAA, and nobody got a native one.",
    }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 20 }),
});
export const ClientQuery = Type.Object({
  ...Span,
  client: Type.String({ minLength: 2, maxLength: 64 }),
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 20 }),
});
export const TailQuery = Type.Object({
  ...Span,
  ...Filters,
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 50 }),
  cursor: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
});
export const ExportQuery = Type.Object({
  ...Span,
  ...Filters,
  format: Type.Unsafe<ExportFormat>(Type.String({ enum: [...EXPORT_FORMATS], default: "csv" })),
});

const Tally = Type.Record(Type.String(), Type.Number(), {
  description: "Counts by name: controller/TELESCREEN.md. What is absent is 0.",
});
const Scanned = Type.Object({
  rows: Type.Integer(),
  segments: Type.Integer(),
  skipped: Type.Integer({ description: "Segments of which the header told enough." }),
  unreadable: Type.Integer(),
  tookMs: Type.Number(),
});
const OrNull = Type.Union([Type.Number(), Type.Null()]);

const Gaps = Type.Array(
  Type.Object(
    { node: Type.String(), fromMs: Type.Number(), toMs: Type.Number() },
    {
      description: "Nothing was captured there then though it was to be: nobody can count what passed.",
    },
  ),
);

export const OutcomesAnswer = Type.Object({
  total: Tally,
  stepS: Type.Integer(),
  series: Type.Array(Type.Object({ startMs: Type.Number(), tally: Tally })),
  points: Type.Record(Type.String(), Tally),
  capture: Type.Record(Type.String(), Tally),
  gaps: Gaps,
  source: Type.String(),
});
export const TopAnswer = Type.Object({
  rows: Type.Array(Type.Object({ key: Type.String(), tally: Tally })),
  keys: Type.Integer(),
  total: Tally,
  source: Type.String({ description: "pairs, hours or days: what it was counted from." }),
  inexact: Type.Boolean(),
  scanned: Scanned,
});
export const ClientAnswer = Type.Object({ total: Tally, names: TopAnswer });
export const TailAnswer = Type.Object({
  pairs: Type.Array(
    Type.Object({
      timeMs: Type.Number(),
      node: Type.String(),
      point: Type.String(),
      class: Type.String(),
      half: Type.String(),
      transport: Type.String(),
      client: Type.String(),
      clientPort: Type.Integer(),
      server: Type.String(),
      name: Type.String(),
      type: Type.Integer(),
      rcode: OrNull,
      outcome: Type.String(),
      latencyUs: OrNull,
      querySize: OrNull,
      responseSize: OrNull,
      retries: Type.Integer(),
      answers: Type.Array(Type.String()),
      duplicate: Type.Boolean({ description: "Seen elsewhere too, and counted there." }),
    }),
  ),
  cursor: Type.Integer(),
  scanned: Scanned,
});
export const DnsStatusAnswer = Type.Object({
  captured: Type.Boolean({ description: "False: no node has ever told of any." }),
  segments: Type.Integer(),
  pairs: Type.Integer(),
  octets: Type.Integer(),
  oldestMs: OrNull,
  newestMs: OrNull,
  uncountedMinutes: Type.Integer({ description: "Minutes that have changed and are to be counted." }),
  missingPairs: Type.Integer({ description: "Captured, and lost before they came here." }),
  missingBatches: Type.Integer(),
  gaps: Gaps,
  sinceStart: Type.Object({
    stored: Type.Integer(),
    duplicate: Type.Integer(),
    refused: Type.Integer(),
    pairs: Type.Integer(),
    missingPairs: Type.Integer(),
  }),
  learnedPrefixes: Type.Integer(),
});
export type DnsStatusAnswer = Static<typeof DnsStatusAnswer>;
