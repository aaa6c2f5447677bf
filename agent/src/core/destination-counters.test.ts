import assert from "node:assert/strict";
import { test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { formatPrefix, prefixOf } from "@vsix/shared/net/prefix.ts";
import fc from "fast-check";
import { countable, destinationCounters, destinationOf } from "./destination-counters.ts";

const port = { mtu: 1500, addresses: [], peer: "p", peerAddress: "2001:db8::1" };
const ROUTER: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: [],
  interfaces: [
    { ...port, name: "e0", faces: "edge" },
    { ...port, name: "x0", faces: "external-edge" },
  ],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:f0::/48",
};
const namesOf = (count: string[]): readonly (string | undefined)[] =>
  destinationCounters(ROUTER, { count }).counters.map(destinationOf);

test("each prefix has a counter that names it, whatever the prefix; other counters name none", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.integer({ min: 1, max: 128 }),
      (address, length) => {
        const text = formatPrefix(prefixOf(address, length));
        assert.deepEqual(namesOf([text]), [text]);
      },
    ),
  );
  for (const name of ["in-e0", "drop-sid-block", "dest-", "dest-00-1", `dest-${"0".repeat(32)}-129`])
    assert.equal(destinationOf(name), undefined);
});

test("a prefix with another of them inside is not counted, for it could not be told apart; each counts once", () => {
  const given = ["3fff:510::/32", "3fff:510:1::/48", "3fff:511::/32", "3FFF:511::/32", "::/0", "none"];
  assert.deepEqual(countable(given).map(formatPrefix), ["3fff:510:1::/48", "3fff:511::/32"]);
});

test("only what comes in from Edges is counted, and nothing where nothing is asked for", () => {
  const { rules } = destinationCounters(ROUTER, { count: ["3fff:510::/32"] });
  assert.match(JSON.stringify(rules), /"e0"/);
  assert.doesNotMatch(JSON.stringify(rules), /"x0"/);
  assert.deepEqual(destinationCounters(ROUTER, { count: [] }).rules, []);
  assert.deepEqual(destinationCounters(ROUTER, undefined).sets, []);
  const inside: FabricPart = { ...ROUTER, interfaces: ROUTER.interfaces.slice(1) };
  assert.deepEqual(destinationCounters(inside, { count: ["3fff:510::/32"] }).counters, []);
});
