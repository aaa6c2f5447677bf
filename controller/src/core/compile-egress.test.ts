import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { compileAll, compileNode } from "./compile.ts";
import type { EpeInForce } from "./epe/in-force.ts";
import { policyOf } from "./epe/policy.ts";
import { type Intent, NO_INTENT } from "./intent.ts";

const text = readFileSync(new URL("../../../examples/epe.yaml", import.meta.url), "utf8");
const measuring: EpeInForce = {
  mode: "observe",
  destinations: [{ prefix: "3fff:510::/32", address: "3fff:510::1", protocol: "icmp6" }],
  overrides: [],
};

/** examples/epe.yaml where these measure. @param change of the text, before it is read */
function fabricOf(from: string, change = (yaml: string) => yaml): Fabric {
  const yaml = change(text.replace("measure: { ", `measure: { from: [${from}], `));
  const result = parseFabric(yaml, "examples/epe.yaml");
  assert.ok(result.ok, JSON.stringify(result));
  return result.fabric;
}

const egressOf = (
  fabric: Fabric,
  name: string,
  epe: EpeInForce | undefined = measuring,
  intent = NO_INTENT,
) => compileNode(fabric, intent, name, undefined, epe).probes?.egress;

test("the controller's host measures by the plane that it prefers, out of its port there, whatever carries its traffic", () => {
  const fabric = fabricOf("noc, blue-sfc");
  const way = { interface: "to-blue-sfc", nextHop: "2001:db8:ff00:1:1::a:0" };
  const { measure } = egressOf(fabric, "noc") ?? {};
  assert.deepEqual(
    measure?.peers.map(({ nextHop, ...peer }) => peer),
    [
      { name: "xe-sfc/wide", segments: ["2001:db8:ff01:1007:e01f::"], interface: way.interface },
      { name: "xe-sfc/beta", segments: ["2001:db8:ff01:1007:e021::"], interface: way.interface },
    ],
  );
  const router = compileNode(fabric, NO_INTENT, "blue-sfc").fabric.interfaces.find(
    ({ peer }) => peer === "noc",
  );
  assert.deepEqual(
    measure?.peers.map(({ nextHop }) => `${nextHop}/127`),
    [router?.addresses[0], router?.addresses[0]],
  );
  const moved: Intent = { ...NO_INTENT, steer: { noc: "green" } };
  assert.deepEqual(egressOf(fabric, "noc", measuring, moved), egressOf(fabric, "noc"));
});

test("only the router that its probes go through lets them in, from its address alone and to peers of this plane; and nobody while it is off", () => {
  const fabric = fabricOf("noc, blue-sfc");
  assert.deepEqual(egressOf(fabric, "blue-sfc")?.admit, [
    {
      interface: "to-noc",
      source: "2001:db8:10::1",
      sids: ["2001:db8:ff01:1007:e01f::", "2001:db8:ff01:1007:e021::"],
      maxPacketsPerS: fabric.epe?.measure.maxPacketsPerS,
    },
  ]);
  for (const [name, { probes }] of compileAll(fabric, NO_INTENT, undefined, measuring))
    assert.equal(probes?.egress?.admit !== undefined, name === "blue-sfc", name);
  for (const [name, { probes }] of compileAll(fabric, NO_INTENT))
    assert.equal(probes?.egress, undefined, name);
  const alone = fabricOf("noc");
  assert.deepEqual(Object.keys(egressOf(alone, "blue-sfc") ?? {}), ["admit", "count"]);
});

test("it sends full packets only where its own link has room for them and the outer header", () => {
  const mtu = (octets: number) => (yaml: string) =>
    yaml
      .replace("ends: [noc, blue-sfc] }", `ends: [noc, blue-sfc], mtu: ${octets} }`)
      .replace("measure: { ", "measure: { fullSize: 1500, ");
  assert.equal(egressOf(fabricOf("noc"), "noc")?.measure?.fullSize, 0);
  assert.equal(egressOf(fabricOf("noc", mtu(1539)), "noc")?.measure?.fullSize, 0);
  assert.equal(egressOf(fabricOf("noc", mtu(1540)), "noc")?.measure?.fullSize, 1500);
});

test("what it measures counts where its probes go through: after that router itself, and wherever that router's would", () => {
  const fabric = fabricOf("noc, green-kote, blue-kote, blue-sfc");
  assert.ok(fabric.epe !== undefined);
  const vantages = new Map(
    policyOf(fabric, fabric.epe, "observe").headends.map(({ node, vantages }) => [node, vantages]),
  );
  assert.deepEqual(vantages.get("blue-sfc"), ["blue-sfc", "noc", "blue-kote"]);
  assert.deepEqual(vantages.get("blue-kote"), ["blue-kote", "blue-sfc", "noc", "green-kote"]);
  assert.deepEqual(vantages.get("green-kote"), ["green-kote", "blue-kote"]);
});

test("plane routers count what Edges send to each destination, and none where rules make classes of it", () => {
  for (const [name, { probes }] of compileAll(fabricOf("blue-sfc"), NO_INTENT, undefined, measuring)) {
    const isPlane = name.startsWith("blue-") || name.startsWith("green-");
    assert.deepEqual(probes?.egress?.count, isPlane ? ["3fff:510::/32"] : undefined, name);
  }
  const rules = "epe:\n  rules: { voice: { precedence: 10, match: { dscp: 46 } } }\n";
  const ruled = fabricOf("blue-sfc", (yaml) => yaml.replace("epe:\n", rules));
  assert.equal(egressOf(ruled, "blue-sfc")?.count, undefined);
  const destinations = Array.from({ length: 2000 }, (_, i) => ({
    prefix: `3fff:510:${i.toString(16)}::/48`,
    address: `3fff:510:${i.toString(16)}::1`,
    protocol: "icmp6" as const,
  }));
  const many = egressOf(fabricOf("blue-sfc"), "blue-kote", { ...measuring, destinations });
  assert.equal(many?.count?.length, 1024);
  assert.equal(many?.count?.[1023], "3fff:510:3ff::/48");
});
