import { type Static, Type } from "@sinclair/typebox";
import { Asn, NAME_PATTERN, Name, PrefixText } from "../fabric/schema-words.ts";

/**
 * The file of expected paths, as written. The one truth: the published JSON Schema (shared/schema/expected.schema.json)
 * is made from this, parse.ts checks against it, and check.ts adds what a schema cannot say.
 */

const only = { additionalProperties: false };

export const DEFAULT_PROTOCOL = "icmp6";
export const DEFAULT_FLOWS = 8;
/** Seconds. */
export const DEFAULT_INTERVAL_S = 10;

const AddressText = Type.String({ maxLength: 64, description: "IPv6 address: 2001:db8::1" });

const settings = {
  protocol: Type.Optional(
    Type.Union([Type.Literal("icmp6"), Type.Literal("udp"), Type.Literal("tcp")], {
      description: `What the probes are. Default: ${DEFAULT_PROTOCOL}.`,
    }),
  ),
  flows: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 64,
      description: `So many flows, each with its own flow label and ports, so that equal-cost paths are seen. Default: ${DEFAULT_FLOWS}.`,
    }),
  ),
  intervalS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 3600,
      description: `Seconds from one trace to the next. Default: ${DEFAULT_INTERVAL_S}.`,
    }),
  ),
  lossPercent: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 100,
      description: "More of the probes to the target lost than this: lossy. Not written: not judged.",
    }),
  ),
  rttMs: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 60000,
      description:
        "A median time to the target and back of more than this, in any flow: slow. Not written: not judged.",
    }),
  ),
};

const HOP_FORMS =
  'a node name, an address, a prefix, "plane: NAME", "as: NUMBER", "*" (any one hop) or "..." (any number); choices with |, and how often with xN, xN-M or xN+ at the end: "plane: blue x1-3"';

const HopFile = Type.Union(
  [
    Type.String({ maxLength: 1024 }),
    Type.Object(
      {
        node: Type.Optional(Type.String({ maxLength: 63 })),
        address: Type.Optional(AddressText),
        prefix: Type.Optional(PrefixText),
        plane: Type.Optional(Type.String({ maxLength: 63 })),
        as: Type.Optional(Type.Union([Asn, Type.String({ maxLength: 32 })])),
        times: Type.Optional(
          Type.Union([Type.Integer({ minimum: 0, maximum: 32 }), Type.String({ maxLength: 8 })]),
        ),
      },
      only,
    ),
  ],
  { description: HOP_FORMS },
);
export type HopFile = Static<typeof HopFile>;

const TargetFile = Type.Object({ name: Name, address: AddressText }, only);

export const EntryFile = Type.Object(
  {
    source: Type.String({
      pattern: `^\\*$|${NAME_PATTERN}`,
      description:
        'Name of the node that traces, or "*": every node that no other entry names for this target.',
    }),
    target: TargetFile,
    ...settings,
    allowed: Type.Array(
      Type.Array(HopFile, {
        maxItems: 64,
        description:
          "The routers between source and target, in order, without either. An empty list: they are neighbours.",
      }),
      { minItems: 1, maxItems: 64, description: "Each of these paths is right. Every flow must take one." },
    ),
  },
  only,
);
export type EntryFile = Static<typeof EntryFile>;

const KnownHopFile = Type.Object(
  {
    addresses: Type.Array(
      Type.String({ maxLength: 64, description: "IPv6 address or prefix that answers as this node." }),
      { minItems: 1, maxItems: 256 },
    ),
    plane: Type.Optional(Name),
    as: Type.Optional(Asn),
  },
  only,
);
export type KnownHopFile = Static<typeof KnownHopFile>;

export const ExpectedFile = Type.Object(
  {
    version: Type.Literal(1, { description: "Of this format." }),
    hops: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), KnownHopFile, {
        ...only,
        maxProperties: 4096,
        description: "Known routers by name, when there is no fabric to take them from, or besides it.",
      }),
    ),
    prefixes: Type.Optional(
      Type.Array(Type.Object({ prefix: PrefixText, as: Asn }, only), {
        maxItems: 65536,
        description: "Which AS number an address belongs to; the longest prefix counts.",
      }),
    ),
    defaults: Type.Optional(
      Type.Object(settings, { ...only, description: "For entries that say nothing of their own." }),
    ),
    paths: Type.Array(EntryFile, { minItems: 1, maxItems: 4096 }),
  },
  {
    ...only,
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "vSIX expected paths",
    $id: "expected.schema.json",
  },
);
export type ExpectedFile = Static<typeof ExpectedFile>;
