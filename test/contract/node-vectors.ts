import { partBytes } from "@vsix/controller/core/parts.ts";
import type { Report } from "@vsix/shared/contract/up.ts";

const AT = "2026-01-01T00:00:00Z";

/** A kernel of which one kind cannot be looked at. */
const REPORT: Report = {
  version: 1,
  node: "edge-1",
  epoch: 1,
  generation: 7,
  parts: {},
  converged: false,
  objects: { route: 4, address: 3 },
  kernel: {
    wanted: "0123456789abcdef",
    since: AT,
    kinds: [
      { kind: "address", observed: "00000000deadbeef", wanted: "00000000deadbeef" },
      { kind: "nftables", wanted: "fedcba9876543210" },
    ],
  },
  conditions: [],
  sessions: [],
};

function text(value: unknown): string {
  return Buffer.from(partBytes(value)).toString("ascii");
}

/** What a node tells of its kernel and of the machine that it runs on. */
export function nodeVectors(): readonly { readonly name: string; readonly kind: string }[] {
  return [{ name: "up-report-kernel", kind: "report", ...{ text: text(REPORT) } }];
}
