/** What egress peers are asked for, and what is told of them, as record-vectors.ts writes it down. */

export const EGRESS_PART = {
  measure: {
    cycleMs: 30_000,
    probes: 5,
    timeoutMs: 1_000,
    size: 104,
    fullSize: 1_500,
    maxPacketsPerS: 1_000,
    maxPacketsPerDestinationPerS: 2.5,
    peers: [
      { name: "xe-sfc/wide", interface: "to-wide", nextHop: "3fff:250::1" },
      { name: "xe-otemachi/kddi", segments: ["2001:db8:ff00:1::1", "2001:db8:ff00:2::1"] },
    ],
    destinations: [
      { address: "3fff:100::1", protocol: "icmp6" },
      { address: "3fff:100::2", protocol: "tcp", port: 443, peers: [1] },
      { address: "3fff:100::3", protocol: "udp" },
    ],
  },
  lookups: { everyMs: 60_000, addresses: ["3fff:100::1"] },
  holdMs: 30_000,
};

export const EGRESS_MESSAGE = {
  version: 1,
  node: "xe-sfc",
  instance: "a1b2",
  cycle: 7,
  shard: 0,
  shards: 2,
  startMs: 1_767_225_600_000,
  ageMs: 29_951,
  peers: ["xe-sfc/wide", "xe-otemachi/kddi"],
  rows: [
    {
      address: "3fff:100::1",
      cells: [
        { peer: 0, sent: 5, lost: 1, unsent: 0, rttsUs: [2_310, 2_295, -1, 2_301, 2_350], full: "arrived" },
        {
          peer: 1,
          sent: 5,
          lost: 0,
          unsent: 0,
          rttsUs: [9_120, 9_080, 9_101, 9_099, 9_105],
          full: "too-big",
          fullMtu: 1_460,
          stray: 3,
        },
      ],
    },
    {
      address: "3fff:100::2",
      backedOff: true,
      cells: [{ peer: 1, sent: 1, lost: 1, unsent: 4, rttsUs: [-1], full: "lost", unreachable: 1 }],
    },
  ],
};

/** What came to these messages later, by name. */
export const EGRESS_MESSAGES: Readonly<
  Record<string, { readonly kind: "egress" | "egress-routes"; readonly value: object }>
> = {
  "up-egress-hop-limit": {
    kind: "egress",
    value: {
      ...EGRESS_MESSAGE,
      cycle: 8,
      rows: [
        {
          address: "3fff:100::1",
          cells: [
            { peer: 0, sent: 2, lost: 0, unsent: 0, rttsUs: [2_310, 2_295], hopLimit: 61 },
            { peer: 1, sent: 2, lost: 0, unsent: 0, rttsUs: [400, 410], hopLimit: 255 },
          ],
        },
      ],
    },
  },
  "up-egress-routes-counted": {
    kind: "egress-routes",
    value: {
      version: 1,
      node: "xe-sfc",
      at: "2026-01-01T00:00:00Z",
      instance: "a1b2",
      sequence: 12,
      shard: 1,
      shards: 2,
      peers: [
        { name: "xe-sfc/wide", state: "established", forMs: 9_000, received: 2, sid: "peer" },
        { name: "xe-sfc/beta", state: "established", forMs: 8_000, received: 3, sid: "peer" },
      ],
      rows: [
        {
          address: "3fff:510::1",
          routes: [
            {
              peer: 0,
              prefix: "3fff:510::/32",
              asPath: [2500, 64_502, 64_510],
              origin: "igp",
              nextHop: "fe80::1",
              communities: [],
            },
            {
              peer: 1,
              prefix: "3fff:510::/32",
              asPath: [64_501, 64_510],
              origin: "igp",
              nextHop: "fe80::2",
              communities: [],
              best: true,
            },
          ],
        },
      ],
    },
  },
};

/** Two classes of overrides, the first of which asks for all that a class can ask for. */
export const EPE_PART = {
  version: 1,
  classes: [
    {
      name: "voice",
      match: { sources: ["2001:db8:1::/48"], dscp: 46, protocol: 17, ports: { from: 5060, to: 5061 } },
      interfaces: ["to-edge-1"],
      overrides: [{ prefix: "3fff:250::/32", peer: "xe-sfc/wide", segments: ["2001:db8:ff01:1003:e01f::"] }],
    },
    {
      name: "default",
      match: {},
      interfaces: ["to-edge-1", "to-noc"],
      overrides: [{ prefix: "3fff:250::/32", peer: "xe-sfc/wide", segments: ["2001:db8:ff01:1003:e01f::"] }],
    },
  ],
  keepS: 3600,
};

/** Vectors that are refused, by name. */
export const REFUSED: Readonly<Record<string, object>> = {
  "refused-manifest-part-name": {
    kind: "manifest",
    text: JSON.stringify({
      version: 1,
      node: "edge-1",
      epoch: 1,
      generation: 1,
      revision: 1,
      issuedAt: "2026-01-01T00:00:00Z",
      acceptUntil: "2026-01-01T00:00:00Z",
      parts: [{ name: "../etc", sha256: "ab".repeat(32), generation: 1, size: 2 }],
    }),
    refused: "wrong-shape",
    path: "/parts/0/name",
  },
  "refused-part-epe-protocol": {
    kind: "part",
    part: "epe",
    text: JSON.stringify({
      version: 1,
      classes: [{ name: "all", match: { protocol: 0 }, interfaces: [], overrides: [] }],
      keepS: 0,
    }),
    refused: "wrong-shape",
    path: "/classes/0/match/protocol",
  },
};
