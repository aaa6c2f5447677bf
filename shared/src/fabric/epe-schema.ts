import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { DEFAULT_EPE, MAX_EPE_RULES } from "./epe-defaults.ts";
import { Asn, Name, PrefixText } from "./schema-words.ts";

/** Section `epe` of the fabric file, as written: egress peer engineering. Defaults and their reasons: epe-defaults.ts. */

const only = { additionalProperties: false };
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);
const whole = (minimum: number, maximum: number, value: number, description: string) =>
  optional(Type.Integer({ minimum, maximum, default: value, description }));
const number = (minimum: number, maximum: number, value: number, description: string) =>
  optional(Type.Number({ minimum, maximum, default: value, description }));
const upTo = (maximum: number, description: string) =>
  optional(Type.Number({ minimum: 0, maximum, description }));

const PEER_PATTERN = "^[a-z][a-z0-9-]{0,62}/[a-z][a-z0-9-]{0,62}(\\.[1-9][0-9]{0,2})?$";
const PEER_WORDS =
  "An egress peer, EXTERNAL-EDGE/UPSTREAM: xe-sfc/wide; a second parallel link: xe-sfc/wide.2";
const Peers = (description: string) =>
  optional(
    Type.Array(Type.String({ pattern: PEER_PATTERN, description: PEER_WORDS }), {
      maxItems: 64,
      description,
    }),
  );
const Protocol = Type.Union([Type.Literal("icmp6"), Type.Literal("tcp"), Type.Literal("udp")]);

const { measure, weights, decide, source, capacity } = DEFAULT_EPE;

const MeasureFile = Type.Object(
  {
    cycleS: whole(1, 3600, measure.cycleS, "Seconds from the begin of a cycle to the next."),
    probes: whole(1, 31, measure.probes, "To each destination by each peer in a cycle."),
    timeoutMs: whole(100, 10_000, measure.timeoutMs, "After this a probe is lost."),
    size: whole(80, 1500, measure.size, "Octets of the IPv6 packet of a probe."),
    fullSize: optional(
      Type.Integer({
        minimum: 0,
        maximum: 9000,
        description:
          "Octets of one more probe a cycle that shows that full packets arrive; 0: none, and nothing is known of it. Default: the largest MTU of a link to an Edge.",
      }),
    ),
    maxPacketsPerS: whole(1, 100_000, measure.maxPacketsPerS, "Of one node, over all destinations."),
    maxPacketsPerDestinationPerS: number(
      0.01,
      1000,
      measure.maxPacketsPerDestinationPerS,
      "Of one node to one destination, over all peers.",
    ),
    from: optional(
      Type.Array(Type.String({ maxLength: 63 }), {
        minItems: 1,
        maxItems: 256,
        description:
          "Plane routers and External Edges that measure, and the controller's own Edge. Default: every plane router. One that does not is decided for by what its site's, else its plane's, measure. The controller's Edge measures by the plane that it `prefers`; its plane router there lets its probes in, and no others. Full-size probes it sends only where its link has room for 40 octets more than `fullSize`.",
      }),
    ),
  },
  only,
);

const SourceFile = Type.Object(
  {
    file: optional(Type.String({ maxLength: 1024, description: "Absolute path, on the controller." })),
    url: optional(Type.String({ maxLength: 2048, description: "https://…, without a password in it." })),
    refreshS: whole(60, 604_800, source.refreshS, "Loaded again after so many seconds."),
    maxBytes: whole(1, 67_108_864, source.maxBytes, "Longer is refused whole."),
    maxEntries: whole(1, 16_384, source.maxEntries, "More is refused whole."),
  },
  { ...only, description: "`file` or `url`: a line each, `PREFIX ADDRESS [icmp6|tcp|udp [PORT]]`." },
);
export type EpeSourceFile = Static<typeof SourceFile>;

const DestinationFile = Type.Object(
  {
    prefix: PrefixText,
    address: Type.String({ maxLength: 64, description: "A host in it that answers." }),
    protocol: optional(Protocol),
    port: optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  },
  { ...only, description: "`address` is asked for the whole prefix." },
);
export type EpeDestinationFile = Static<typeof DestinationFile>;

export const ObjectiveFile = Type.Object(
  {
    weights: optional(
      Type.Object(
        {
          rtt: number(0, 1000, weights.rtt, "Per millisecond of round trip."),
          jitter: number(0, 1000, weights.jitter, "Per millisecond of delay variation."),
          lossPercent: number(
            0,
            1000,
            weights.lossPercent,
            "Milliseconds that one per cent of loss is worth.",
          ),
          asPathHop: number(0, 1000, weights.asPathHop, "Milliseconds that one more AS is worth."),
          cost: number(0, 1000, weights.cost, "Milliseconds that one unit of a peer's cost is worth."),
        },
        { ...only, description: "Everything is added up in milliseconds; less is better." },
      ),
    ),
    limits: optional(
      Type.Object(
        {
          rttMs: upTo(10_000, "Round trip, milliseconds."),
          jitterMs: upTo(10_000, "Delay variation, milliseconds."),
          lossPercent: upTo(100, "Per cent."),
          asPathLength: optional(Type.Integer({ minimum: 1, maximum: 255, description: "AS numbers." })),
          cost: upTo(1_000_000, "Of the peer."),
        },
        { ...only, description: "A peer beyond one of these is left, and never moved to. Default: none." },
      ),
    ),
  },
  only,
);
export type EpeObjectiveFile = Static<typeof ObjectiveFile>;

const capacityShares = {
  detourAtPercent: whole(
    1,
    100,
    capacity.detourAtPercent,
    "Of the capacity: beyond, traffic is led elsewhere.",
  ),
  restoreAtPercent: whole(0, 99, capacity.restoreAtPercent, "Of the capacity: below, it comes back."),
};

const PeerFile = Type.Object(
  {
    cost: number(0, 1_000_000, DEFAULT_EPE.peer.cost, "In the operator's own unit; see weights.cost."),
    capacityMbps: optional(
      Type.Number({ minimum: 1, maximum: 10_000_000, description: "Megabits a second, outwards." }),
    ),
    ...capacityShares,
  },
  only,
);

const RuleFile = Type.Object(
  {
    precedence: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description:
        "The lower number is asked first. Rules that can match the same packet need different ones.",
    }),
    match: Type.Object(
      {
        edges: optional(
          Type.Array(Type.String({ maxLength: 63 }), {
            minItems: 1,
            maxItems: 64,
            description: "Edges: their prefixes as sources.",
          }),
        ),
        sources: optional(Type.Array(PrefixText, { minItems: 1, maxItems: 64 })),
        dscp: optional(Type.Integer({ minimum: 0, maximum: 63, description: "RFC 2474." })),
        protocol: optional(Protocol),
        ports: optional(
          Type.Object(
            {
              from: Type.Integer({ minimum: 0, maximum: 65_535 }),
              to: Type.Integer({ minimum: 0, maximum: 65_535 }),
            },
            { ...only, description: "Destination ports, both included; with tcp or udp." },
          ),
        ),
        destinations: optional(Type.Array(PrefixText, { minItems: 1, maxItems: 1024 })),
      },
      { ...only, minProperties: 1, description: "All that is given must fit." },
    ),
    objective: optional(ObjectiveFile),
    prefer: Peers("Instead of the general list."),
    avoid: Peers("Instead of the general list."),
  },
  only,
);
export type EpeRuleFile = Static<typeof RuleFile>;

export const EpeFile = Type.Object(
  {
    measure: optional(MeasureFile),
    never: optional(
      Type.Object(
        {
          prefixes: optional(Type.Array(PrefixText, { maxItems: 4096 })),
          as: optional(Type.Array(Asn, { maxItems: 4096, description: "Origins of routes." })),
        },
        { ...only, description: "Never probed, whoever asks for it." },
      ),
    ),
    destinations: optional(
      Type.Object(
        {
          list: optional(Type.Array(DestinationFile, { maxItems: 16_384 })),
          sources: optional(Type.Array(SourceFile, { maxItems: 16 })),
          max: whole(1, 16_384, DEFAULT_EPE.maxDestinations, "Over list, sources and what is learned."),
        },
        only,
      ),
    ),
    objective: optional(ObjectiveFile),
    prefer: Peers("Moved to unless measurably worse."),
    avoid: Peers("Never moved to, and left for anything that is not measurably worse."),
    peers: optional(
      Type.Record(Type.String({ pattern: PEER_PATTERN }), PeerFile, { ...only, description: PEER_WORDS }),
    ),
    capacity: optional(
      Type.Object(capacityShares, { ...only, description: "Where a peer says nothing else." }),
    ),
    unannounced: optional(
      Type.Union([Type.Literal("never"), Type.Literal("allow")], {
        default: DEFAULT_EPE.unannounced,
        description: "May a peer be used that announces no route covering the destination?",
      }),
    ),
    decide: optional(
      Type.Object(
        {
          cycles: whole(6, 60, decide.cycles, "Whose round trips are judged together."),
          lossCycles: whole(
            6,
            120,
            decide.lossCycles,
            "Whose losses are judged together; no fewer than cycles.",
          ),
          error: number(
            0.0001,
            0.1,
            decide.error,
            "Chance that one comparison may call a gain what is none.",
          ),
          minimumGainMs: number(0.1, 10_000, decide.minimumGainMs, "To move."),
          minimumGainPercent: number(0, 100, decide.minimumGainPercent, "To move, as well."),
          keepGainMs: number(0, 10_000, decide.keepGainMs, "To stay moved; less than minimumGainMs."),
          holdS: whole(0, 86_400, decide.holdS, "Between two moves of one prefix for a gain."),
          stableS: whole(0, 86_400, decide.stableS, "A peer's session is up so long before it is used."),
          checkCycles: whole(3, 60, decide.checkCycles, "Begun after a move, by which it is judged again."),
          rememberS: whole(
            60,
            604_800,
            decide.rememberS,
            "A peer that was no gain is not tried again; doubles.",
          ),
          rememberMaxS: whole(60, 2_592_000, decide.rememberMaxS, "What it doubles up to."),
          maxMovesPerCycle: whole(1, 16_384, decide.maxMovesPerCycle, "Prefixes that move in a cycle."),
          maxMbpsPerCycle: number(
            0.001,
            10_000_000,
            decide.maxMbpsPerCycle,
            "Traffic that moves in a cycle.",
          ),
          ageCycles: whole(2, 1000, decide.ageCycles, "Without data; then an override is given up."),
          keepS: whole(
            0,
            31_536_000,
            decide.keepS,
            "Routers keep overrides so long without their controller; 0: as long as the peers live.",
          ),
        },
        only,
      ),
    ),
    rules: optional(
      Type.Record(Name, RuleFile, {
        ...only,
        maxProperties: MAX_EPE_RULES,
        description: "Traffic that is decided apart, by more than its destination.",
      }),
    ),
  },
  {
    ...only,
    description:
      "Egress peer engineering: destinations are measured by every egress peer, and traffic of Edges leaves by the best one.",
  },
);
export type EpeFile = Static<typeof EpeFile>;
