import { type Static, Type } from "@sinclair/typebox";
import { CAPTURE_CLIENTS, CAPTURE_NAMES } from "../contract/part-capture.ts";
import { Name, PrefixText } from "./schema-words.ts";
import { DEFAULT_TELESCREEN } from "./telescreen-defaults.ts";

/** Section `telescreen` of the fabric file: where DNS is captured, and what of it is told. */

const only = { additionalProperties: false };
const words = (all: readonly string[], description: string) =>
  Type.Optional(
    Type.Union(
      all.map((word) => Type.Literal(word)),
      { default: "whole", description },
    ),
  );

const CaptureFile = Type.Object(
  {
    interfaces: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 15, pattern: "^[^\\s/:]+$" }), {
        minItems: 1,
        maxItems: 64,
        description:
          "Names on that machine, tunnels too. Default: its ports to Edges, or where it has none all ports of its links.",
      }),
    ),
    rate: Type.Optional(
      Type.Union([Type.Literal("router"), Type.Literal("home")], {
        default: "router",
        description: "How much memory it may take: some 100,000 packets a second, or some 1,000.",
      }),
    ),
  },
  only,
);

export const TelescreenFile = Type.Object(
  {
    nodes: Type.Record(Name, CaptureFile, {
      ...only,
      description: "Who captures: nodes that run our agent.",
    }),
    pref64: Type.Optional(
      Type.Array(PrefixText, {
        maxItems: 16,
        description:
          "AAAA records in these are translated (RFC 6052). Default: 64:ff9b::/96 and those of `services`.",
      }),
    ),
    resolvers: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 256,
        description:
          "Addresses, IPv6 or IPv4, whose questions are a resolver's, outside the totals of users. Default: those of role resolver; where there is none, whoever asks without recursion.",
      }),
    ),
    ports: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { minItems: 1, maxItems: 8, default: [53] }),
    ),
    timeoutMs: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: 60_000,
        default: DEFAULT_TELESCREEN.timeoutMs,
        description: "After so long a question counts as unanswered.",
      }),
    ),
    privacy: Type.Optional(
      Type.Object(
        {
          clients: words(CAPTURE_CLIENTS, "What is told of a client's address."),
          names: words(CAPTURE_NAMES, "What is told of the names asked for."),
          key: Type.Optional(
            Type.String({
              description: "Refused: the key of `pseudonym` and `hashed` is a secret of the controller.",
            }),
          ),
        },
        only,
      ),
    ),
  },
  { ...only, description: "DNS capture." },
);
export type TelescreenFile = Static<typeof TelescreenFile>;
