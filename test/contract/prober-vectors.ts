import { partBytes } from "@vsix/controller/core/parts.ts";
import { EGRESS_PART } from "./egress-vectors.ts";

const SID = "2001:db8:ff01:1003:e01f::";
const PROBES = { version: 1, intervalMs: 500, burstIntervalMs: 20, targets: [], hops: [] };

/** By node: an Edge that measures egress peers, and the plane router that lets its probes in. */
const EGRESS: Readonly<Record<string, object>> = {
  "edge-1": {
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
  "blue-sfc": {
    admit: [{ interface: "to-edge-1", source: "2001:db8:1::1", sids: [SID], maxPacketsPerS: 1_000 }],
  },
};

export function proberVectors(): readonly { readonly name: string; readonly kind: string }[] {
  return Object.entries(EGRESS).map(([node, egress]) => ({
    name: `part-probes-prober-${node}`,
    kind: "part",
    part: "probes",
    text: Buffer.from(partBytes({ ...PROBES, egress })).toString("ascii"),
  }));
}
