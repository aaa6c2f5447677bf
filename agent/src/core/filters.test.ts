import assert from "node:assert/strict";
import { test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { type NftRuleset, nftablesKind } from "../resources/nftables/model.ts";
import { compileFilters } from "./filters.ts";

const link = { mtu: 1500, addresses: ["2001:db8:ff01::/127"], peerAddress: "2001:db8:ff01::1" };

const ROUTER: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: [],
  interfaces: [
    { ...link, name: "e0", faces: "edge", peer: "edge-1", sources: ["2001:db8:1::/48"] },
    { ...link, name: "e1", faces: "edge", peer: "edge-2" },
    { ...link, name: "x0", faces: "external-edge", peer: "xe-sfc" },
  ],
  sids: [],
  blackholes: ["2001:db8::/32"],
  overrides: [],
  sidBlock: "2001:db8:f0::/44",
};

const withRole = (
  role: FabricPart["node"]["role"],
  faces: readonly ("plane" | "upstream")[],
): FabricPart => ({
  ...ROUTER,
  node: { ...ROUTER.node, role },
  interfaces: faces.map((face, i) => ({ ...link, name: `p${i}`, faces: face, peer: `peer-${i}` })),
});

const text = (ruleset: NftRuleset, chain: string): string =>
  JSON.stringify(ruleset.chains.find(({ name }) => name === chain)?.rules ?? null);

test("an Edge without assigned sources may send nothing but from its link", () => {
  assert.equal(
    text(compileFilters(ROUTER), "source-e1"),
    JSON.stringify([
      [saddr({ prefix: { addr: "fe80::", len: 10 } }), { return: null }],
      [saddr("::"), { return: null }],
      [saddr("2001:db8:ff01::1"), { return: null }],
      [{ counter: "drop-source-e1" }, { drop: null }],
    ]),
  );
});

test("each port that faces an Edge has a counter each way, and no other port has", () => {
  const counters = compileFilters(ROUTER).counters.filter((name) => /^(in|out)-/.test(name));
  assert.deepEqual(counters, ["in-e0", "in-e1", "out-e0", "out-e1"]);
});

test("only an External Edge refuses to carry from plane to plane", () => {
  const border = compileFilters(withRole("external-edge", ["plane", "plane"]));
  for (const port of ["p0", "p1"]) {
    assert.match(text(border, "forward"), new RegExp(`"plane-${port}"`));
    assert.match(text(border, `plane-${port}`), /admin-prohibited/);
  }
  const { chains } = compileFilters(withRole("edge", ["plane", "plane"]));
  assert.doesNotMatch(JSON.stringify(chains), /admin-prohibited/);
});

test("every base chain accepts what no rule drops, and no rule accepts", () => {
  for (const part of [ROUTER, withRole("external-edge", ["plane", "upstream", "upstream"])]) {
    const ruleset = compileFilters(part);
    for (const { hook } of ruleset.chains) assert.ok(hook === undefined || hook.policy === "accept");
    assert.doesNotMatch(JSON.stringify(ruleset.chains.map(({ rules }) => rules)), /"accept"/);
  }
});

test("the order of interfaces changes nothing", () => {
  const turned = { ...ROUTER, interfaces: [...ROUTER.interfaces].reverse() };
  assert.ok(nftablesKind.equal(compileFilters(ROUTER), compileFilters(turned)));
});

test("one source more or a rule in another place is a difference", () => {
  const one = compileFilters(ROUTER);
  const [first, ...rest] = ROUTER.interfaces;
  assert.ok(first !== undefined);
  const wider = {
    ...ROUTER,
    interfaces: [{ ...first, sources: ["2001:db8:1::/48", "2001:db8:2::/48"] }, ...rest],
  };
  assert.ok(!nftablesKind.equal(one, compileFilters(wider)));
  const turned = {
    ...one,
    chains: one.chains.map((chain) => ({ ...chain, rules: [...chain.rules].reverse() })),
  };
  assert.ok(!nftablesKind.equal(one, turned));
});

function saddr(right: unknown): unknown {
  return { match: { op: "==", left: { payload: { protocol: "ip6", field: "saddr" } }, right } };
}
