import { type Static, Type } from "@sinclair/typebox";
import { ROUTER_PREFERENCES } from "../contract/part-advertise.ts";

/** `lan` of an Edge in the fabric file: networks of hosts that it tells the way. */

const only = { additionalProperties: false };

export const LanFile = Type.Object(
  {
    interface: Type.String({
      pattern: "^[A-Za-z0-9_.~-]{1,15}$",
      description: "Name of the device. It is the machine's own: a bridge, a VLAN, a card.",
    }),
    prefix: Type.String({
      maxLength: 64,
      description:
        "A /64 in a prefix of this node. Hosts make their addresses in it; the node has its ::1, and is their default router.",
    }),
    mtu: Type.Optional(
      Type.Integer({
        minimum: 1280,
        maximum: 65535,
        description: "Told to hosts, octets. Default: nothing is told, theirs is that of the medium.",
      }),
    ),
    dns: Type.Optional(
      Type.Union(
        [
          Type.Literal("auto"),
          Type.Literal("none"),
          Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 4 }),
        ],
        {
          description:
            "Resolvers that hosts are told (RFC 8106): addresses, or auto for the anycast ones of `services.resolver`. Default: auto where there are any.",
        },
      ),
    ),
    pref64: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          "Prefix of NAT64 that hosts are told (RFC 8781), `none`, or `auto` for that of `services.nat64`. Default: auto where there is one.",
      }),
    ),
    preference: Type.Optional(
      Type.Union(
        ROUTER_PREFERENCES.map((word) => Type.Literal(word)),
        {
          default: "medium",
          description: "Against other routers of the same LAN (RFC 4191).",
        },
      ),
    ),
  },
  only,
);
export type LanFile = Static<typeof LanFile>;
