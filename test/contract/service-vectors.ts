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

/** Parts of nodes that have services, as the controller writes them for examples/dns64.yaml. */
export function serviceVectors(): readonly PartVector[] {
  const file = "examples/dns64.yaml";
  const parsed = parseFabric(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"), file);
  if (!parsed.ok) throw new Error(`${file} is not valid`);
  const { fabric } = parsed;
  return ["dns-sfc", "nat64-note", "siit-sfc"].flatMap((node) => {
    const parts = compileNode(fabric, NO_INTENT, node);
    return (["services", "bgp"] as const).map((part) => ({
      name: `part-${part}-${node}`,
      kind: "part" as const,
      part,
      text: Buffer.from(partBytes(parts[part])).toString("ascii"),
    }));
  });
}
