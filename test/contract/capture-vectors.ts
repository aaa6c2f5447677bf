import { readFileSync } from "node:fs";
import { compileNode } from "@vsix/controller/core/compile.ts";
import { withCaptureKey } from "@vsix/controller/core/compile-capture.ts";
import { NO_INTENT } from "@vsix/controller/core/intent.ts";
import { partBytes } from "@vsix/controller/core/parts.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { PartVector } from "./service-vectors.ts";

const KEY = "0123456789abcdef".repeat(4);
const SECTION = `
telescreen:
  nodes:
    blue-sfc: {}
    edge-1: { interfaces: [lan0, wg0], rate: home }
  resolvers: ["2001:db8:1::53", 192.0.2.53]
  privacy: { clients: pseudonym, names: registrable }
`;

/** Parts of nodes that capture DNS, as the controller writes them. */
export function captureVectors(): readonly PartVector[] {
  const yaml = readFileSync(new URL("../../examples/quick.yaml", import.meta.url), "utf8");
  const parsed = parseFabric(yaml + SECTION, "examples/quick.yaml with telescreen");
  if (!parsed.ok) throw new Error(`not valid: ${JSON.stringify(parsed)}`);
  return ["blue-sfc", "edge-1"].map((node) => ({
    name: `part-capture-${node}`,
    kind: "part" as const,
    part: "capture",
    text: Buffer.from(
      partBytes(withCaptureKey(compileNode(parsed.fabric, NO_INTENT, node), KEY).capture),
    ).toString("ascii"),
  }));
}
