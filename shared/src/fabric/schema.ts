import { type Static, Type } from "@sinclair/typebox";
import { BfdFile, LinkBfdFile } from "./bfd-schema.ts";
import { DEFAULT_LINK_MTU, DEFAULT_MEASURE, DEFAULT_POLICY, MAX_DEFAULT_TARGETS } from "./defaults.ts";
import { EpeFile } from "./epe-schema.ts";
import { HealthFile } from "./health-schema.ts";
import { LanFile } from "./lan-schema.ts";
import { Asn, LABEL_PATTERN, Name, PrefixText } from "./schema-words.ts";
import { SERVICE_KINDS } from "./services-model.ts";
import { Prefix4Text, PublishFile, ServicesFile } from "./services-schema.ts";
import { TelescreenFile } from "./telescreen-schema.ts";

/**
 * The fabric file, as written. The one truth: the published JSON Schema (shared/schema/fabric.schema.json) is made from
 * this, parse.ts checks against it, and validate.ts adds what a schema cannot say. Prefixes and addresses are strings
 * here and checked there.
 */

const only = { additionalProperties: false };

const AddressingFile = Type.Object(
  {
    infrastructure: Type.String({
      maxLength: 64,
      description:
        "A /40 inside `prefixes`, used by nothing else. Loopbacks, link addresses and SRv6 locators are derived from it.",
    }),
    loopbacks: Type.Optional(
      Type.String({
        maxLength: 64,
        description: "A /64. Default: the first /64 of infrastructure; node id N has ::N.",
      }),
    ),
    links: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          "A /64. Default: the second /64 of infrastructure; each link has a /127 named by both ids.",
      }),
    ),
    sids: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          "A /48. Default: the second /48 of infrastructure; a locator is its /64 number plane<<12 | id.",
      }),
    ),
  },
  only,
);

export const NodeFile = Type.Object(
  {
    role: Type.Union(
      [
        Type.Literal("plane"),
        Type.Literal("external-edge"),
        Type.Literal("edge"),
        Type.Literal("upstream"),
        ...SERVICE_KINDS.map((kind) => Type.Literal(kind)),
      ],
      {
        description:
          "upstream is anything outside the AS, also what stands behind a transit. resolver, nat64, siit-dc and access are attached like Edges and do what `services` says.",
      },
    ),
    site: Type.Optional(
      Type.String({ description: "One of `sites`. Required unless the role is upstream.", maxLength: 63 }),
    ),
    plane: Type.Optional(Type.String({ description: "The plane of a plane router.", maxLength: 63 })),
    id: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 4095,
        description: "Unique. Addresses, SIDs and path guards come from it. Default: a hash of the name.",
      }),
    ),
    as: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 4294967294,
        description: "AS number. Edges: private (RFC 6996) and unique here. Upstreams: theirs.",
      }),
    ),
    prefixes: Type.Optional(
      Type.Array(PrefixText, {
        maxItems: 256,
        description:
          "What an Edge or upstream announces; /64 or shorter. The first one's ::1 is its loopback.",
      }),
    ),
    prefers: Type.Optional(
      Type.String({
        description: "Plane of an Edge when nobody steers it. Default: the first.",
        maxLength: 63,
      }),
    ),
    table: Type.Optional(
      Type.Union([Type.Literal("default"), Type.Literal("full")], {
        default: "default",
        description: "What an Edge hears: ::/0 and our own prefixes, or everything.",
      }),
    ),
    controller: Type.Optional(
      Type.Boolean({ default: false, description: "The controller lives here. Exactly one Edge." }),
    ),
    software: Type.Optional(
      Type.Union([Type.Literal("vsix"), Type.Literal("bird")], {
        description:
          "vsix: our agent. bird: somebody else's router. Default: vsix; upstreams are always bird.",
      }),
    ),
    loopback: Type.Optional(
      Type.String({
        maxLength: 64,
        description: "Address of a plane router or External Edge, if not the derived one.",
      }),
    ),
    pool: Type.Optional(
      Type.Array(Prefix4Text, {
        minItems: 1,
        maxItems: 16,
        description:
          "nat64 and siit-dc: IPv4 prefixes that are routed to this node from outside. Clients of NAT64 share them; published addresses lie in them.",
      }),
    ),
    publish: Type.Optional(
      Type.Array(PublishFile, {
        maxItems: 64,
        description:
          "An Edge's services for the IPv4 Internet, or an access router's VPN endpoint, through `services.siit-dc`.",
      }),
    ),
    lan: Type.Optional(
      Type.Array(LanFile, {
        maxItems: 64,
        description: "An Edge's networks of hosts: it sends router advertisements there.",
      }),
    ),
    labels: Type.Optional(
      Type.Record(Name, Type.String({ pattern: LABEL_PATTERN }), {
        ...only,
        maxProperties: 32,
        description: "Words of the operator's own, to choose nodes by: `vsixctl rollout create --select`.",
      }),
    ),
  },
  only,
);
export type NodeFile = Static<typeof NodeFile>;

export const LinkFile = Type.Object(
  {
    ends: Type.Array(Type.String({ maxLength: 63 }), {
      minItems: 2,
      maxItems: 2,
      description: "The two nodes. A second link of the same two is a parallel link.",
    }),
    delayMs: Type.Optional(
      Type.Number({ minimum: 0, maximum: 10000, default: 0, description: "One way; in the lab." }),
    ),
    lossPercent: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100, default: 0, description: "Each way; in the lab." }),
    ),
    mtu: Type.Optional(
      Type.Integer({
        minimum: 1280,
        maximum: 65535,
        description: `IP layer, octets. Default ${DEFAULT_LINK_MTU.plane} inside a plane and to External Edges, ${DEFAULT_LINK_MTU.other} elsewhere. Plane links must carry the largest Edge link + 64 (outer header 40, SRH of one segment 24).`,
      }),
    ),
    narrow: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          "A plane link that does not carry Edges' packets once encapsulated, as circuits of 1500 octets do not: overrides then answer what is too large with Packet Too Big.",
      }),
    ),
    cost: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, default: 10, description: "Metric inside a plane." }),
    ),
    crossSite: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Says that an Edge or External Edge is meant to reach a plane router at another site.",
      }),
    ),
    bfd: Type.Optional(LinkBfdFile),
    interfaces: Type.Optional(
      Type.Array(Type.String({ pattern: "^[A-Za-z0-9_.~-]{1,15}$" }), {
        minItems: 2,
        maxItems: 2,
        description: "Interface names, in the order of ends. Default: to-PEER.",
      }),
    ),
    prefix: Type.Optional(
      Type.String({ maxLength: 64, description: "A /127 (RFC 6164), if not the derived one." }),
    ),
  },
  only,
);
export type LinkFile = Static<typeof LinkFile>;

const milliseconds = (value: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 10, maximum: 3600000, default: value, description }));
const med = (value: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 4294967295, default: value, description }));
const maxPrefixes = (value: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 10000000, default: value, description }));

const PoliciesFile = Type.Object(
  {
    bogons: Type.Optional(
      Type.Object(
        {
          except: Type.Optional(
            Type.Array(PrefixText, { description: "Taken off the default list (RFC 6890 and practice)." }),
          ),
          extra: Type.Optional(Type.Array(PrefixText, { description: "Refused as well." })),
        },
        only,
      ),
    ),
    maxPrefixes: Type.Optional(
      Type.Object(
        {
          edge: maxPrefixes(DEFAULT_POLICY.maxPrefixes.edge, "From one Edge."),
          upstream: maxPrefixes(DEFAULT_POLICY.maxPrefixes.upstream, "From one upstream."),
          plane: maxPrefixes(DEFAULT_POLICY.maxPrefixes.plane, "On one session inside the AS."),
        },
        only,
      ),
    ),
    holdS: Type.Optional(
      Type.Integer({
        minimum: 3,
        maximum: 65535,
        default: DEFAULT_POLICY.holdS,
        description: "BGP hold time, seconds, at least 3 (RFC 4271 section 4.2).",
      }),
    ),
    gracefulRestartS: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4095,
        default: DEFAULT_POLICY.gracefulRestartS,
        description: "RFC 4724 restart time, seconds; 0 is off.",
      }),
    ),
    bfd: Type.Optional(BfdFile),
    med: Type.Optional(
      Type.Object(
        {
          preferred: med(DEFAULT_POLICY.med.preferred, "On the plane an Edge should use."),
          other: med(DEFAULT_POLICY.med.other, "On the other planes."),
          drained: med(DEFAULT_POLICY.med.drained, "On a drained plane."),
        },
        { ...only, description: "Lower wins; preferred < other < drained." },
      ),
    ),
    probe: Type.Optional(
      Type.Object(
        {
          intervalMs: milliseconds(DEFAULT_POLICY.probe.intervalMs, "Between probes of one target."),
          burstIntervalMs: milliseconds(DEFAULT_POLICY.probe.burstIntervalMs, "For a while after a change."),
        },
        only,
      ),
    ),
  },
  only,
);

const OverrideFile = Type.Object(
  {
    prefix: PrefixText,
    via: Type.String({ description: "External Edge.", maxLength: 63 }),
    upstream: Type.String({ description: "An upstream linked to it.", maxLength: 63 }),
    edges: Type.Optional(
      Type.Array(Type.String({ maxLength: 63 }), { description: "Edges it is for. Default: all." }),
    ),
  },
  { ...only, description: "Traffic of Edges to `prefix` leaves by this upstream, whatever BGP says." },
);

const MeasureFile = Type.Object(
  {
    targets: Type.Optional(
      Type.Record(
        Name,
        Type.String({ maxLength: 64, description: "IPv6 address that answers echo requests." }),
        {
          ...only,
          description: `At most 64, outside our own network: what users need, and what surely answers. Default: ::1 of the first prefix of each upstream linked to an External Edge, the first ${MAX_DEFAULT_TARGETS} of them.`,
        },
      ),
    ),
    intervalMs: Type.Optional(
      Type.Integer({
        minimum: 20,
        maximum: 60000,
        default: DEFAULT_MEASURE.intervalMs,
        description: "Between echoes to one target.",
      }),
    ),
    size: Type.Optional(
      Type.Integer({
        minimum: 48,
        maximum: 9000,
        default: DEFAULT_MEASURE.size,
        description: "Octets of the whole IPv6 packet; never fragmented.",
      }),
    ),
    maxPacketsPerS: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 1000,
        default: DEFAULT_MEASURE.maxPacketsPerS,
        description: "Echoes a second from one node; with more targets each is asked less often.",
      }),
    ),
  },
  {
    ...only,
    description:
      "What every plane is measured over at the same time, by echoes from its own routers; no user's traffic is moved for it.",
  },
);
export type MeasureFile = Static<typeof MeasureFile>;

export const FabricFile = Type.Object(
  {
    version: Type.Literal(1, { description: "Version of this format." }),
    name: Name,
    as: Asn,
    prefixes: Type.Array(PrefixText, {
      minItems: 1,
      maxItems: 64,
      description: "Ours; what upstreams hear.",
    }),
    addressing: AddressingFile,
    external: Type.Object(
      { memberAs: Asn },
      { ...only, description: "The confederation member of all External Edges." },
    ),
    planes: Type.Record(Name, Type.Object({ memberAs: Asn }, only), {
      ...only,
      description: "One confederation member each (RFC 5065), at most 15, unconnected with each other.",
    }),
    sites: Type.Array(Name, { minItems: 1, maxItems: 256 }),
    nodes: Type.Record(Name, NodeFile, only),
    links: Type.Array(LinkFile, { maxItems: 16384 }),
    policies: Type.Optional(PoliciesFile),
    overrides: Type.Optional(Type.Array(OverrideFile, { maxItems: 4096 })),
    measure: Type.Optional(MeasureFile),
    epe: Type.Optional(EpeFile),
    health: Type.Optional(HealthFile),
    services: Type.Optional(ServicesFile),
    telescreen: Type.Optional(TelescreenFile),
  },
  {
    ...only,
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "vSIX fabric file",
    $id: "fabric.schema.json",
  },
);
export type FabricFile = Static<typeof FabricFile>;
