import assert from "node:assert/strict";
import { test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { compileFilters } from "../filters.ts";
import { isOverrideTable, STEERED_MARK } from "../ownership.ts";
import { compileKernel } from "./kernel.ts";

const port = (
  name: string,
  faces: FabricPart["interfaces"][number]["faces"],
): FabricPart["interfaces"][number] => ({
  name,
  mtu: 9000,
  addresses: [],
  faces,
  peer: name,
  peerAddress: `fe80::${name.length}`,
});
const part: FabricPart = {
  version: 1,
  node: { name: "xe-sfc", role: "external-edge", id: 3, site: "sfc", loopback: "2001:db8::3" },
  loopbackAddresses: [],
  interfaces: [port("blue", "plane"), port("green", "plane"), port("upstream", "upstream")],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:ff::/48",
};

test("at an External Edge what was steered there in vain goes back by the plane port that it came in by, after table main", () => {
  const links = new Map(part.interfaces.map(({ name }) => [name, { usable: name !== "green" }]));
  const { rules, routes, nexthops } = compileKernel(part, links, () => true);
  assert.deepEqual(
    rules.map(({ priority, iif, mark }) => [priority, iif, mark]),
    [[32_800, "blue", STEERED_MARK]],
    "a port that is down is no way back",
  );
  const back = routes.find(({ table }) => table === rules[0]?.table);
  assert.equal(back?.prefix, "::/0");
  assert.equal(nexthops.find(({ id }) => id === back?.nexthopId)?.interface, "blue");
  assert.equal(isOverrideTable(back?.table ?? 0), false, "epe off leaves it alone");
});

test("only what came in to a SID bears the mark, and only it may leave by the plane port that it came in by", () => {
  const { chains } = compileFilters(part);
  const text = (name: string): string => JSON.stringify(chains.find((chain) => chain.name === name)?.rules);
  assert.match(text("prerouting"), new RegExp(`2001:db8:ff::.*mark.*${STEERED_MARK}`));
  assert.match(text("plane-blue"), new RegExp(`"blue".*${STEERED_MARK}.*return-blue.*drop-plane-to-plane`));
});
