import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { compileAll, compileNode } from "./compile.ts";
import type { EpeInForce } from "./epe/in-force.ts";
import { NO_INTENT } from "./intent.ts";

const text = readFileSync(new URL("../../../examples/epe.yaml", import.meta.url), "utf8");

function fabricOf(yaml: string): Fabric {
  const result = parseFabric(yaml, "examples/epe.yaml");
  assert.ok(result.ok, JSON.stringify(result));
  return result.fabric;
}

const fabric = fabricOf(text);
const FAR = { prefix: "3fff:510::/32", address: "3fff:510::1", protocol: "icmp6" } as const;
const override = { node: "blue-kote", className: "default", prefix: FAR.prefix, peer: "xe-sfc/wide" };
const enforced: EpeInForce = { mode: "enforce", destinations: [FAR], overrides: [override] };

test("an override stands on its own plane router, for its Edge ports, by the SID of its plane", () => {
  const { epe } = compileNode(fabric, NO_INTENT, "blue-kote", undefined, enforced);
  assert.deepEqual(epe, {
    version: 1,
    keepS: 600,
    classes: [
      {
        name: "default",
        match: {},
        interfaces: ["to-edge-1", "to-edge-2"],
        overrides: [
          { prefix: "3fff:510::/32", peer: "xe-sfc/wide", segments: ["2001:db8:ff01:1007:e01f::"] },
        ],
      },
    ],
  });
  for (const [name, parts] of compileAll(fabric, NO_INTENT, undefined, enforced))
    assert.equal(parts.epe !== undefined, name === "blue-kote", name);
});

test("while it observes, or is off, or the file has no policy, no router has an override", () => {
  const without = fabricOf(text.slice(0, text.indexOf("epe:\n  #")));
  for (const [given, epe] of [
    [fabric, { ...enforced, mode: "observe" }],
    [fabric, undefined],
    [without, enforced],
  ] as const)
    for (const parts of compileAll(given, NO_INTENT, undefined, epe).values())
      assert.equal(parts.epe, undefined);
});

test("what the fabric does not have any more is left out, and what is left still stands", () => {
  const overrides = [override, { ...override, peer: "xe-sfc/gone" }, { ...override, className: "gone" }];
  const { epe } = compileNode(fabric, NO_INTENT, "blue-kote", undefined, { ...enforced, overrides });
  assert.deepEqual(
    epe?.classes.flatMap((one) => one.overrides.map(({ peer }) => peer)),
    ["xe-sfc/wide"],
  );
});

test("plane routers measure by their own locators, the External Edge tells routes, and nobody does when it is off", () => {
  const of = (name: string) => compileNode(fabric, NO_INTENT, name, undefined, enforced).probes?.egress;
  assert.deepEqual(
    of("green-kote")?.measure?.peers.map(({ name, segments }) => `${name} ${segments}`),
    ["xe-sfc/wide 2001:db8:ff01:2007:e01f::", "xe-sfc/beta 2001:db8:ff01:2007:e021::"],
  );
  assert.deepEqual(of("blue-sfc")?.measure?.destinations, [{ address: FAR.address, protocol: "icmp6" }]);
  assert.deepEqual(of("xe-sfc")?.lookups, { everyMs: 10_000, addresses: [FAR.address] });
  assert.equal(of("xe-sfc")?.holdMs, 5000);
  for (const name of ["edge-1", "noc"]) assert.equal(of(name), undefined);
  for (const [name, { probes }] of compileAll(fabric, NO_INTENT, undefined, enforced))
    assert.equal(probes?.egress?.admit, undefined, name);
  for (const parts of compileAll(fabric, NO_INTENT).values()) assert.equal(parts.probes?.egress, undefined);
});
