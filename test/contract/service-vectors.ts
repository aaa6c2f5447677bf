import { readFileSync } from "node:fs";
import { compileNode } from "@vsix/controller/core/compile.ts";
import { NO_INTENT } from "@vsix/controller/core/intent.ts";
import { partBytes } from "@vsix/controller/core/parts.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";

export interface PartVector {
  readonly name: string;
  readonly kind: "part";
  readonly part: string;
  readonly text: string;
}

export interface ReportVector {
  readonly name: string;
  readonly kind: "report";
  readonly text: string;
}

/** Parts of nodes that have services, as the controller writes them for examples/dns64.yaml. */
export function serviceVectors(): readonly (PartVector | ReportVector)[] {
  const file = "examples/dns64.yaml";
  const parsed = parseFabric(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"), file);
  if (!parsed.ok) throw new Error(`${file} is not valid`);
  const { fabric } = parsed;
  const parts = ["dns-sfc", "nat64-note", "siit-sfc"].flatMap((node) => {
    const compiled = compileNode(fabric, NO_INTENT, node);
    return (["services", "bgp"] as const).map((part) => ({
      name: `part-${part}-${node}`,
      kind: "part" as const,
      part,
      text: Buffer.from(partBytes(compiled[part])).toString("ascii"),
    }));
  });
  const report = {
    ...{ version: 1, node: "dns-sfc", epoch: 1, generation: 7, parts: { services: 1 }, converged: true },
    ...{ objects: { resolver: 1 }, conditions: [], sessions: [] },
    services: [
      {
        name: "resolver",
        working: false,
        since: "2026-01-01T00:00:00Z",
        reason: "AAAA of ipv4only.arpa: ETIMEOUT",
        running: true,
        starts: 2,
        looks: 900,
        failed: 4,
      },
    ],
  };
  const text = Buffer.from(partBytes(report)).toString("ascii");
  return [...parts, { name: "up-report-services", kind: "report", text }];
}
