import { partBytes } from "@vsix/controller/core/parts.ts";
import { EGRESS_PART } from "./egress-vectors.ts";

const SID = "2001:db8:ff01:1003:e01f::";
const PROBES = { version: 1, intervalMs: 500, burstIntervalMs: 20, targets: [], hops: [] };

/** An Edge that measures egress peers, the plane router that lets its probes in, and one that counts what Edges send. */
const EGRESS: Readonly<Record<string, object>> = {
  "prober-edge-1": {
    measure: {
      ...EGRESS_PART.measure,
      fullSize: 0,
      peers: [
        {
          name: "xe-sfc/wide",
          segments: [SID],
          interface: "to-blue-sfc",
          nextHop: "2001:db8:ff00:1:1::b:0",
        },
      ],
    },
  },
  "counted-blue-sfc": { count: ["3fff:510::/32", "3fff:511:1::/48"] },
  "prober-blue-sfc": {
    admit: [{ interface: "to-edge-1", source: "2001:db8:1::1", sids: [SID], maxPacketsPerS: 1_000 }],
  },
};

const COUNTERS = {
  version: 1,
  node: "blue-sfc",
  at: "2026-01-01T00:00:00Z",
  ports: [{ interface: "to-edge-1", peer: "edge-1", inPackets: 12, outPackets: 9 }],
  destinations: [
    { prefix: "3fff:510::/32", octets: 123_456 },
    { prefix: "3fff:511:1::/48", octets: 0 },
  ],
};

export function proberVectors(): readonly { readonly name: string; readonly kind: string }[] {
  const counters = { name: "up-counters-destinations", kind: "counters", text: textOf(COUNTERS) };
  const parts = Object.entries(EGRESS).map(([name, egress]) => ({
    name: `part-probes-${name}`,
    kind: "part",
    part: "probes",
    text: textOf({ ...PROBES, egress }),
  }));
  return [counters, ...parts];
}

function textOf(value: object): string {
  return Buffer.from(partBytes(value)).toString("ascii");
}
