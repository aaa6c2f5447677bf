import { partBytes } from "@vsix/controller/core/parts.ts";
import type { AccessPart, AccessShard } from "@vsix/shared/contract/part-access.ts";
import type { GatePart, GateShard } from "@vsix/shared/contract/part-gate.ts";
import type { AccessUse } from "@vsix/shared/contract/up-access.ts";

/** 32 octets of one value, in base64. */
const key = (octet: number): string => Buffer.alloc(32, octet).toString("base64");

const PART: AccessPart = {
  version: 1,
  shards: 2,
  tunnels: { mtu: 1460, hopLimit: 64 },
  srv6: { sid: "2001:db8:a::2", mtu: 1460 },
  wireguard: [
    {
      id: "vpn",
      listenPort: 51820,
      mtu: 1420,
      addresses: ["2001:db8:f::1/128"],
      prefixes: ["2001:db8:f::/64"],
    },
  ],
};

const DELEGATING: AccessPart = {
  ...PART,
  tunnels: {
    ...PART.tunnels,
    delegation: {
      preferredS: 2700,
      validS: 5400,
      server: "2001:db8:a::1",
      resolvers: ["2001:db8:53::53"],
    },
  },
};

const SHARD: AccessShard = {
  version: 1,
  tunnels: [
    { id: "pi-1", local: "2001:db8:a::1", remote: "3fff:b::1", prefixes: ["2001:db8:1::/60"] },
    {
      id: "pi-2",
      local: "2001:db8:a::1",
      remote: "3fff:b::2",
      prefixes: ["2001:db8:1:10::/60"],
      expiresAt: "2027-01-01T00:00:00Z",
    },
  ],
  srv6: [{ id: "pi-3", endpoint: "3fff:b::3", prefixes: ["2001:db8:2::/60"] }],
  peers: [
    {
      device: "vpn",
      publicKey: key(1),
      presharedKey: key(2),
      allowedIps: ["2001:db8:f::7/128"],
      keepaliveS: 25,
      expiresAt: "2027-01-01T00:00:00Z",
    },
    { device: "vpn", publicKey: key(3), allowedIps: [] },
  ],
};

const GATE: GatePart = { version: 1, shards: 1, sids: ["2001:db8:a::2"] };
const GATE_SHARD: GateShard = {
  version: 1,
  users: [{ sid: "2001:db8:a::2", sources: ["3fff:b::3"] }],
};

const USE: AccessUse = {
  version: 1,
  node: "edge-1",
  at: "2026-01-01T00:00:00Z",
  epoch: 1,
  generation: 7,
  shards: 2,
  shard: 0,
  devices: [{ id: "vpn", publicKey: key(4), listenPort: 51820 }],
  tunnels: [
    { id: "1", rxPackets: 10, rxOctets: 1000, txPackets: 20, txOctets: 20_000 },
    { id: "2", fault: "this kernel has no IPv6 tunnels (module ip6_tunnel)" },
  ],
  srv6: [{ id: "3", rxPackets: 1, rxOctets: 100, txPackets: 0, txOctets: 0 }],
  peers: [
    { device: "vpn", publicKey: key(1), rxOctets: 5, txOctets: 6, handshakeMs: 1_767_225_600_000 },
    { device: "vpn", publicKey: key(3) },
  ],
};

/** Part `access` and one of its shards; and what is refused of them. */
export function accessVectors(): readonly {
  readonly name: string;
  readonly kind: "part" | "access";
}[] {
  const vector = (name: string, part: string, value: unknown, more: object = {}) => ({
    name,
    kind: "part" as const,
    part,
    text: Buffer.from(partBytes(value)).toString("ascii"),
    ...more,
  });
  const peers = [{ ...SHARD.peers[1], publicKey: "tooshort" }];
  const up = (name: string, value: unknown, more: object = {}) => ({
    name,
    kind: "access" as const,
    text: Buffer.from(partBytes(value)).toString("ascii"),
    ...more,
  });
  const [user] = USE.tunnels;
  return [
    up("up-access", USE),
    up("up-access-lease", { ...USE, tunnels: [{ ...user, leaseUntilMs: 1_767_225_600_000 }] }),
    up(
      "refused-up-access-control",
      { ...USE, tunnels: [{ ...user, fault: "\u001b[2J" }] },
      { refused: "wrong-shape", path: "/tunnels/0/fault" },
    ),
    up(
      "refused-up-access-count",
      { ...USE, tunnels: [{ ...user, rxOctets: -1 }] },
      { refused: "wrong-shape", path: "/tunnels/0/rxOctets" },
    ),
    vector("part-gate-border", "gate", GATE),
    vector("part-gate-shard-border", "gate-0", GATE_SHARD),
    vector(
      "refused-part-gate-source",
      "gate-0",
      { ...GATE_SHARD, users: [{ sid: "2001:db8:a::2", sources: [3] }] },
      { refused: "wrong-shape", path: "/users/0/sources/0" },
    ),
    vector("part-access-router", "access", PART),
    vector("part-access-delegation", "access", DELEGATING),
    vector("part-access-shard-router", "access-0", SHARD),
    vector(
      "refused-part-access-shards",
      "access",
      { ...PART, shards: 17 },
      { refused: "wrong-shape", path: "/shards" },
    ),
    vector(
      "refused-part-access-shard-key",
      "access-0",
      { ...SHARD, peers },
      { refused: "wrong-shape", path: "/peers/0/publicKey" },
    ),
  ];
}
