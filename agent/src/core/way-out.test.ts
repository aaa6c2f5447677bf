import assert from "node:assert/strict";
import { test } from "node:test";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import { WayOut } from "./way-out.ts";

const bgp: BgpPart = {
  version: 1,
  asn: 65100,
  routerId: "10.0.3.1",
  as: 4690,
  originate: [],
  ownPrefixes: [],
  bogons: [],
  neighbours: [
    {
      name: "wide",
      kind: "upstream",
      address: "2001:db8::1",
      localAddress: "2001:db8::",
      interface: "to-wide",
      asn: 2500,
      maxPrefixes: 10,
      holdS: 9,
      gracefulRestartS: 120,
    },
  ],
};
const up = () => true;

test("a new External Edge has no way out until an upstream's session is up", () => {
  const way = new WayOut(bgp, false, 0);
  assert.equal(way.isOpen(bgp, up, 1), false);
  way.seen("wide", true, 2);
  assert.equal(way.isOpen(bgp, up, 3), true);
});

test("a session that is gone for a moment closes nothing, a link that is down does at once", () => {
  const way = new WayOut(bgp, true, 0);
  way.seen("wide", false, 20_000);
  assert.equal(way.isOpen(bgp, up, 20_000), true);
  assert.equal(
    way.isOpen(bgp, () => false, 20_000),
    false,
  );
  assert.equal(way.isOpen(bgp, up, 31_000), false);
});

test("a link that comes back is no way out before its session is up again", () => {
  const wayOut = new WayOut(bgp, false, 0);
  wayOut.seen("wide", true, 1000);
  assert.equal(
    wayOut.isOpen(bgp, () => false, 1100),
    false,
  );
  assert.equal(wayOut.isOpen(bgp, up, 1200), false);
  wayOut.seen("wide", true, 5000);
  assert.equal(wayOut.isOpen(bgp, up, 5000), true);
});
