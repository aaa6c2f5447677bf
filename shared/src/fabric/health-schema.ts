import { type Static, Type } from "@sinclair/typebox";
import { HEALTH_DEFAULTS } from "../contract/part-health.ts";
import { Name } from "./schema-words.ts";

/** How the network feels from a node, as a file says what to look at: section `health` of the fabric, and `vsix-agent health --config`. */

const only = { additionalProperties: false };
const Host = Type.String({ minLength: 1, maxLength: 253 });
const Url = Type.String({ minLength: 8, maxLength: 512 });
const { limits } = HEALTH_DEFAULTS;

const limit = (value: number, least: number, most: number, description: string) =>
  Type.Optional(Type.Number({ minimum: least, maximum: most, default: value, description }));

const LimitsFile = Type.Object(
  {
    lossPercent: limit(limits.lossPercent, 0, 100, "Echoes lost."),
    rttMs: limit(limits.rttMs, 1, 60_000, "Round trip to what is outside, median."),
    dnsMs: limit(limits.dnsMs, 1, 60_000, "Answer of a resolver."),
    firstByteMs: limit(limits.firstByteMs, 1, 60_000, "First octet of a page."),
    clockS: limit(limits.clockS, 2, 86_400, "Between this machine's clock and that of web servers."),
  },
  { ...only, description: "What is worse than that is poor." },
);

/** What both files have. */
const HEALTH = {
  targets: Type.Optional(
    Type.Record(Name, Host, {
      ...only,
      description: "At most 16 hosts outside, by name or IPv6 address: echoes, paths and packet sizes.",
    }),
  ),
  names: Type.Optional(
    Type.Array(Host, {
      maxItems: 16,
      description: "Looked up by every resolver, beside those of targets and pages.",
    }),
  ),
  signed: Type.Optional(
    Type.String({ minLength: 1, maxLength: 253, description: "A name that is signed by DNSSEC." }),
  ),
  web: Type.Optional(
    Type.Record(Name, Url, { ...only, description: "At most 16 pages that have IPv6, by URL." }),
  ),
  translated: Type.Optional(
    Type.Record(Name, Url, {
      ...only,
      description: "At most 8 pages that have IPv4 only, fetched through DNS64 and NAT64.",
    }),
  ),
  pref64: Type.Optional(
    Type.Array(
      Type.Object(
        {
          prefix: Type.String({
            maxLength: 64,
            description: "Of length 32, 40, 48, 56, 64 or 96 (RFC 6052).",
          }),
          at: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 63,
              description: "Where the translator stands, for verdicts.",
            }),
          ),
        },
        only,
      ),
      { maxItems: 8, description: "Prefixes that DNS64 and router advertisements should use." },
    ),
  ),
  resolvers: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 8,
      description: "Asked beside those of router advertisements and resolv.conf.",
    }),
  ),
  ownResolvers: Type.Optional(
    Type.Boolean({ default: true, description: "Whether those of resolv.conf are asked." }),
  ),
  sizes: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1280, maximum: 9000 }), {
      maxItems: 8,
      description: `Octets of packets that should come through whole. Default: ${HEALTH_DEFAULTS.sizes.join(", ")}.`,
    }),
  ),
  limits: Type.Optional(LimitsFile),
};

/** Section `health` of the fabric file. */
export const HealthFile = Type.Object(
  {
    ...HEALTH,
    intervalS: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 86_400,
        default: HEALTH_DEFAULTS.intervalS,
        description: "From the start of one run to that of the next.",
      }),
    ),
    nodes: Type.Optional(
      Type.Array(Type.String({ maxLength: 63 }), {
        maxItems: 4096,
        description: "Who looks. Default: every Edge that runs our agent.",
      }),
    ),
  },
  { ...only, description: "Layer by layer, how the network feels from its nodes, on a schedule." },
);
export type HealthFile = Static<typeof HealthFile>;

/** A file of `vsix-agent health --config`. */
export const HealthCommandFile = Type.Object(
  {
    version: Type.Optional(Type.Literal(1)),
    ...HEALTH,
    interface: Type.Optional(
      Type.String({ minLength: 1, maxLength: 15, description: "Default: the one of the default route." }),
    ),
    planes: Type.Optional(
      Type.Record(Name, Type.Record(Name, Type.String({ maxLength: 64 }), only), {
        ...only,
        description: "By plane, addresses that are reached through that plane alone.",
      }),
    ),
  },
  { ...only, title: "vSIX health file" },
);
export type HealthCommandFile = Static<typeof HealthCommandFile>;

export const MAX_HEALTH_TARGETS = 16;
export const MAX_HEALTH_PAGES = 16;
export const MAX_TRANSLATED_PAGES = 8;
