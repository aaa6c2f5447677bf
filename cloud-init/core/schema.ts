import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { ClaimField, Device, Mac, Network, only, Secret, System } from "./words.ts";

/** The three kinds of file that `vsix-pi render` reads. A home router is told everything else by its controller. */

const Passphrase = Secret("8 to 63 printable ASCII characters", 63);
const Country = Type.String({
  pattern: "^[A-Z]{2}$",
  description: "Where it stands, ISO 3166: JP. Radio rules depend on it",
});
const Ssid = Type.String({
  minLength: 1,
  maxLength: 32,
  description: "Name of the network, at most 32 octets",
});
const Ipv4 = Type.Optional(
  Type.Boolean({ description: "Ask for an IPv4 address too. Default: only where `access` is wireguard" }),
);

export const EthernetUplink = Type.Object(
  {
    kind: Type.Literal("ethernet"),
    interface: Device,
    delegation: Type.Optional(
      Type.Integer({
        minimum: 48,
        maximum: 64,
        description: "Ask for a prefix of this length by DHCPv6, and take an address out of it (RFC 8415)",
      }),
    ),
    ipv4: Ipv4,
  },
  only,
);
export const NgnUplink = Type.Object(
  {
    kind: Type.Literal("ngn"),
    interface: Device,
    prefix: Type.Union([Type.Literal("ra"), Type.Literal("delegated")], {
      description: "ra: a /64 by router advertisement, without hikari-denwa; delegated: a /56 by DHCPv6",
    }),
  },
  only,
);
export const WifiUplink = Type.Object(
  {
    kind: Type.Literal("wifi"),
    interface: Device,
    ssid: Ssid,
    passphrase: Passphrase,
    country: Country,
    ipv4: Ipv4,
  },
  only,
);
const UPLINKS = { ethernet: EthernetUplink, ngn: NgnUplink, wifi: WifiUplink } as const;
export type Uplink = Static<typeof EthernetUplink> | Static<typeof NgnUplink> | Static<typeof WifiUplink>;

export const Tunnelled = Type.Object(
  {
    kind: Type.Union([Type.Literal("tunnel"), Type.Literal("srv6")], {
      description: "What was applied for: generic-tunneling, or srv6-access",
    }),
  },
  only,
);
export const Wireguard = Type.Object(
  {
    kind: Type.Literal("wireguard"),
    devices: Type.Array(
      Type.Object(
        {
          name: Device,
          config: Secret("What `vsixctl vpn config` prints, with the PrivateKey filled in", 8192),
        },
        only,
      ),
      { minItems: 1, maxItems: 4, description: "One for each provider" },
    ),
  },
  only,
);
export type Access = Static<typeof Tunnelled> | Static<typeof Wireguard>;

export const AccessPoint = Type.Object(
  {
    interface: Type.Optional(Device),
    ssid: Ssid,
    passphrase: Passphrase,
    country: Country,
    channel: Type.Integer({
      minimum: 1,
      maximum: 165,
      description: "1 to 13 at 2.4 GHz, 36 and up at 5 GHz",
    }),
    ac: Type.Optional(Type.Boolean({ description: "IEEE 802.11ac; 5 GHz only. Default: off" })),
    security: Type.Optional(
      Type.Union([Type.Literal("wpa2"), Type.Literal("wpa3"), Type.Literal("both")], {
        default: "wpa2",
        description: "wpa3 and both want a radio whose driver does SAE; that of a Raspberry Pi does not",
      }),
    ),
  },
  only,
);
export type AccessPoint = Static<typeof AccessPoint>;

export const Lan = Type.Object(
  {
    wifi: Type.Optional(AccessPoint),
    ethernet: Type.Optional(
      Type.Object(
        {
          ports: Type.Optional(Type.Array(Device, { minItems: 1, maxItems: 8 })),
          vlan: Type.Optional(
            Type.Object(
              { port: Device, id: Type.Integer({ minimum: 1, maximum: 4094 }) },
              { ...only, description: "A VLAN on a port, which may be an uplink's" },
            ),
          ),
          adapters: Type.Optional(
            Type.Array(Type.Object({ name: Device, mac: Mac }, only), {
              minItems: 1,
              maxItems: 8,
              description: "USB adapters, told apart by their hardware addresses",
            }),
          ),
        },
        only,
      ),
    ),
    guard: Type.Optional(
      Type.Boolean({
        default: true,
        description: "Strangers open no connections to hosts of the LAN, nor to this router (RFC 6092)",
      }),
    ),
  },
  only,
);
export type Lan = Static<typeof Lan>;

export const PiFile = Type.Object(
  {
    version: Type.Literal(1),
    kind: Type.Literal("pi"),
    system: System,
    claim: ClaimField,
    uplinks: Type.Array(Type.Union(Object.values(UPLINKS)), {
      minItems: 1,
      maxItems: 4,
      description: "The first that works is used, in this order",
    }),
    access: Type.Union([Tunnelled, Wireguard]),
    lan: Lan,
    measure: Type.Optional(
      Type.Object(
        {
          health: Type.Optional(
            Type.Boolean({
              default: true,
              description: "Look every quarter of an hour how the network feels",
            }),
          ),
          dnsCapture: Type.Optional(
            Type.Boolean({
              default: false,
              description: "Write down the LAN's questions to DNS and their answers, on this machine only",
            }),
          ),
        },
        only,
      ),
    ),
  },
  only,
);
export type PiFile = Static<typeof PiFile>;

export const SERVICES = ["access", "resolver", "nat64", "siit-dc"] as const;

export const RouterFile = Type.Object(
  {
    version: Type.Literal(1),
    kind: Type.Literal("router"),
    system: System,
    claim: ClaimField,
    network: Network,
    services: Type.Optional(
      Type.Array(Type.Union(SERVICES.map((one) => Type.Literal(one))), {
        maxItems: SERVICES.length,
        uniqueItems: true,
        description: "Its role in the fabric file, where that needs programs of others",
      }),
    ),
    bundle: Type.Optional(
      Secret(
        "What `vsixctl node bundle` prints: the first document, before there is a way to the controller",
        4_000_000,
      ),
    ),
  },
  only,
);
export type RouterFile = Static<typeof RouterFile>;

const TcpPort = Type.Integer({ minimum: 1, maximum: 65_535 });

export const ControllerFile = Type.Object(
  {
    version: Type.Literal(1),
    kind: Type.Literal("controller"),
    system: System,
    network: Network,
    controller: Type.Object(
      {
        names: Type.Array(Type.String({ pattern: "^[A-Za-z0-9.:-]{1,253}$" }), {
          minItems: 1,
          maxItems: 64,
          description: "Names and addresses in its certificate; nodes are told the first",
        }),
        enrolPort: Type.Optional(TcpPort),
        mqttPort: Type.Optional(TcpPort),
        apiPort: Type.Optional(TcpPort),
        portal: Type.Optional(
          Type.Object(
            {
              origin: Type.String({
                pattern: "^https://[A-Za-z0-9.:\\[\\]-]{1,255}$",
                description: "As browsers know it: https://HOST[:PORT]",
              }),
              port: TcpPort,
            },
            only,
          ),
        ),
      },
      only,
    ),
  },
  only,
);
export type ControllerFile = Static<typeof ControllerFile>;

export const KINDS = { pi: PiFile, router: RouterFile, controller: ControllerFile } as const;
export type SeedFile = PiFile | RouterFile | ControllerFile;

/** As it is published. */
export const AnyFile = Type.Union([PiFile, RouterFile, ControllerFile], {
  title: "vsix-pi",
  description: "What `vsix-pi render` makes user-data, network-config and meta-data from.",
});

/** By what its `kind` says, so that a fault names a key and not a choice. */
export const UPLINK_KINDS: Readonly<Record<string, TSchema>> = UPLINKS;
export const ACCESS_KINDS: Readonly<Record<string, TSchema>> = {
  tunnel: Tunnelled,
  srv6: Tunnelled,
  wireguard: Wireguard,
};
