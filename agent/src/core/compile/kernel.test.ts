import assert from "node:assert/strict";
import { test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { compileKernel } from "./kernel.ts";

const SID = "2001:db8:ff01:1007:e01f::";
const part: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: ["2001:db8:ff00::1/128"],
  interfaces: [
    {
      name: "to-xe",
      mtu: 9000,
      addresses: ["2001:db8:ff00:1:1:7::/127"],
      faces: "external-edge",
      peer: "xe",
      peerAddress: "2001:db8:ff00:1:1:7:0:1",
    },
    {
      name: "to-edge",
      mtu: 1500,
      addresses: ["2001:db8:ff00:1:1:b::/127"],
      faces: "edge",
      peer: "edge",
      peerAddress: "2001:db8:ff00:1:1:b:0:1",
    },
  ],
  sids: [
    { sid: "2001:db8:ff01:1001:1::", behavior: "End" },
    {
      sid: "2001:db8:ff01:1001:e01f::",
      behavior: "End.DX6",
      nextHop: "2001:db8:ff00:1:1:b:0:1",
      interface: "to-edge",
    },
  ],
  blackholes: [],
  overrides: [{ prefix: "3fff:510::/32", segments: [SID], interfaces: ["to-edge"] }],
  sidBlock: "2001:db8:ff01::/48",
};
const links = (edge: boolean) =>
  new Map([
    ["to-xe", { usable: true }],
    ["to-edge", { usable: edge }],
  ]);

test("an override stands by a rule for its port, and only while BGP knows a way to its SID", () => {
  const with_ = compileKernel(part, links(true), () => true);
  assert.deepEqual(with_.rules, [{ priority: 7600, iif: "to-edge", table: 7600 }]);
  assert.deepEqual(
    with_.nexthops.flatMap(({ encap }) => encap?.segments ?? []),
    [SID],
  );
  const without = compileKernel(part, links(true), () => false);
  assert.deepEqual([without.rules, without.routes], [[], []]);
  assert.match(without.waiting.get("override 3fff:510::/32") ?? "", /no way to 2001:db8:ff01:1007:e01f::/);
});

test("a SID whose egress is down becomes a plain lookup", () => {
  const down = compileKernel(part, links(false), () => true).sids.find(({ sid }) => sid.endsWith("e01f::"));
  assert.deepEqual([down?.behavior, down?.table], ["End.DT6", 254]);
});

test("what goes through a link that is not usable is not desired", () => {
  assert.deepEqual(
    [...compileKernel(part, links(false), () => true).nexthopByNeighbour.keys()],
    ["2001:db8:ff00:1:1:7:0:1"],
  );
});
