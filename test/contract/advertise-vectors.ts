import { readFileSync } from "node:fs";
import { compileNode } from "@vsix/controller/core/compile.ts";
import { NO_INTENT } from "@vsix/controller/core/intent.ts";
import { partBytes } from "@vsix/controller/core/parts.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { PartVector } from "./service-vectors.ts";

const LANS =
  "[{ interface: lan0, prefix: '2001:db8:1:100::/64', mtu: 1400 }, { interface: br-guests, prefix: '2001:db8:1:200::/64', dns: ['2001:db8:1::53'], pref64: none, preference: high }]";

/** The part of an Edge with LANs, as the controller writes it for examples/dns64.yaml with those. */
export function advertiseVectors(): readonly PartVector[] {
  const yaml = readFileSync(new URL("../../examples/dns64.yaml", import.meta.url), "utf8");
  const parsed = parseFabric(
    yaml.replace("id: 11\n", `id: 11\n    lan: ${LANS}\n`),
    "examples/dns64.yaml with LANs",
  );
  if (!parsed.ok) throw new Error(`not valid: ${JSON.stringify(parsed)}`);
  const { advertise } = compileNode(parsed.fabric, NO_INTENT, "edge-1");
  const text = Buffer.from(partBytes(advertise)).toString("ascii");
  return [{ name: "part-advertise-edge-1", kind: "part", part: "advertise", text }];
}
