import assert from "node:assert/strict";
import { test } from "node:test";
import type { EgressAdmission } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { faultOfEgress } from "./check-egress.ts";

const port = {
  mtu: 1500,
  addresses: ["2001:db8:ff01::/127"],
  peer: "noc",
  peerAddress: "2001:db8:ff01::1",
};
const ROUTER: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: [],
  interfaces: [
    { ...port, name: "e0", faces: "edge", sources: ["2001:db8:10::/48"] },
    { ...port, name: "x0", faces: "external-edge" },
  ],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:f0::/48",
};
const GOOD: EgressAdmission = {
  interface: "e0",
  source: "2001:db8:10::1",
  sids: ["2001:db8:f0:1007:e01f::"],
  maxPacketsPerS: 100,
};

test("probes are let in only at ports of Edges, from an address of that Edge, to SIDs; anything else names its field", () => {
  assert.equal(faultOfEgress({ admit: [GOOD] }, ROUTER), undefined);
  const wrong: readonly (readonly [Partial<EgressAdmission>, RegExp])[] = [
    [{ interface: "e9" }, /^probes \/egress\/admit\/1\/interface: "e9" is no port of this node$/],
    [{ interface: "x0" }, /\/admit\/1\/interface: "x0" faces external-edge, not an Edge$/],
    [{ source: "noc" }, /\/admit\/1\/source: "noc" is no IPv6 address$/],
    [{ source: "2001:db8:1::1" }, /\/admit\/1\/source: 2001:db8:1::1 is none of the Edge at e0$/],
    [{ sids: [...GOOD.sids, "x"] }, /\/admit\/1\/sids\/1: "x" is no IPv6 address$/],
    [{ sids: ["2001:db8::1"] }, /\/admit\/1\/sids\/0: 2001:db8::1 lies outside the SID block$/],
  ];
  for (const [change, says] of wrong)
    assert.match(faultOfEgress({ admit: [GOOD, { ...GOOD, ...change }] }, ROUTER) ?? "", says);
  const edge: FabricPart = { ...ROUTER, node: { ...ROUTER.node, role: "external-edge" } };
  assert.match(faultOfEgress({ admit: [GOOD] }, edge) ?? "", /\/admit\/0: this node is no plane router$/);
});

test("what is counted are prefixes", () => {
  assert.equal(faultOfEgress({ count: ["3fff:510::/32"] }, ROUTER), undefined);
  assert.match(
    faultOfEgress({ count: ["3fff:510::/32", "all"] }, ROUTER) ?? "",
    /^probes \/egress\/count\/1: "all" is no IPv6 prefix$/,
  );
});
