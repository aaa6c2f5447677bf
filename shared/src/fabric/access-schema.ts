import { type Static, Type } from "@sinclair/typebox";
import { DEFAULT_ACCESS } from "./access-model.ts";
import { Name, PrefixText } from "./schema-words.ts";

/** Section `services.access` of the fabric file: where users' tunnels and VPN devices end, and which routers do it. */

const only = { additionalProperties: false };

const Address = Type.String({
  maxLength: 64,
  description: "IPv6 address, inside `prefixes`, nobody else's.",
});
const Mtu = (value: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 1280, maximum: 65535, default: value, description }));
const Pools = (description: string) => Type.Array(PrefixText, { minItems: 1, maxItems: 64, description });

const WireguardFile = Type.Object(
  {
    endpoint: Type.String({
      maxLength: 64,
      description: "Address that clients send to; announced like pools.",
    }),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        default: DEFAULT_ACCESS.wireguardPort,
        description: "UDP.",
      }),
    ),
    pools: Pools("What devices' addresses and networks are taken from; announced as they stand here."),
    addresses: Type.Optional(
      Type.Array(Address, {
        maxItems: 16,
        description: "Of the router on this device, inside `pools`; reserve them there (`vsixctl prefix`).",
      }),
    ),
    mtu: Mtu(DEFAULT_ACCESS.wireguardMtu, "Octets within: 80 less than what surely fits on the way."),
  },
  only,
);

export const AccessPointFile = Type.Object(
  {
    routers: Type.Array(Type.String({ maxLength: 63 }), {
      minItems: 1,
      maxItems: 8,
      description:
        "Nodes of role `access`. All of them know all of its users; the first that works carries the traffic, and the next takes over by BGP alone.",
    }),
    site: Type.Optional(
      Type.String({ maxLength: 63, description: "One of `sites`. Default: that of the first router." }),
    ),
    pools: Type.Optional(
      Pools(
        "Prefixes of users of tunnels and SRv6 access are taken from these; announced as they stand here.",
      ),
    ),
    tunnel: Type.Optional(
      Type.Object(
        {
          address: Address,
          mtu: Mtu(DEFAULT_ACCESS.tunnelMtu, "Octets within: 40 less than what surely fits on the way."),
          hopLimit: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 255,
              default: DEFAULT_ACCESS.hopLimit,
              description: "Of the outer header; 0: as within.",
            }),
          ),
          delegation: Type.Optional(
            Type.Boolean({
              default: DEFAULT_ACCESS.delegation,
              description:
                "Users' routers are told their prefixes within the tunnel, by DHCPv6 (Debian package kea-dhcp6-server). They are routed whether anybody asks or not.",
            }),
          ),
        },
        { ...only, description: "Generic Tunneling, IPv6 in IPv6 (RFC 2473): where users' tunnels end." },
      ),
    ),
    srv6: Type.Optional(
      Type.Object(
        { sid: Address, mtu: Mtu(DEFAULT_ACCESS.tunnelMtu, "Octets within.") },
        {
          ...only,
          description:
            "SRv6 access: the SID that users' routers send to. Outside the SID block, which borders filter.",
        },
      ),
    ),
    wireguard: Type.Optional(
      Type.Record(Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,10}$" }), WireguardFile, {
        ...only,
        maxProperties: 16,
        description:
          "Remote Access VPN: WireGuard devices by id; routers of one point have one key for each.",
      }),
    ),
  },
  only,
);
export type AccessPointFile = Static<typeof AccessPointFile>;

export const AccessFile = Type.Record(Name, AccessPointFile, {
  ...only,
  maxProperties: 64,
  description: "Access points by name: Generic Tunneling, SRv6 access and Remote Access VPN.",
});
export type AccessFile = Static<typeof AccessFile>;
