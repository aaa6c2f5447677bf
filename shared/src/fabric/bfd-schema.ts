import { Type } from "@sinclair/typebox";
import { DEFAULT_POLICY } from "./defaults.ts";

const { bfd } = DEFAULT_POLICY;

/** Times of BFD: of all links in `policies.bfd`, of one link in its own `bfd`. */
export const BfdFile = Type.Object(
  {
    intervalMs: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 60000,
        default: bfd.intervalMs,
        description: "Between packets, each way, before jitter.",
      }),
    ),
    multiplier: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 255,
        default: bfd.multiplier,
        description: "Intervals of silence after which a session is down.",
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "RFC 5880; a link is silent when its echoes fail as well.",
  },
);

export const LinkBfdFile = Type.Union([Type.Boolean(), BfdFile], {
  description:
    "BFD (RFC 5881) on this link. Default: where both ends run our agent. To others it is configured at their end as well. `{ intervalMs: 10 to 60000, multiplier: 1 to 255 }`: with times of its own instead of those of `policies.bfd`, as for a router in a virtual machine whose host may be busy.",
});
