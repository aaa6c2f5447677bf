import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatPrefix, overlaps, parsePrefix } from "../net/prefix.ts";
import {
  defaultBlocks,
  defaultId,
  interfaceNameOf,
  isInterfaceName,
  linkPrefixOf,
  locatorOf,
  loopbackOf,
  outsideLinkBlock,
  routerIdOf,
} from "./plan.ts";

const infrastructure = parsePrefix("2001:db8:ff00::/40");
assert.ok(infrastructure);
const blocks = defaultBlocks(infrastructure);
const id = fc.integer({ min: 1, max: 4095 });
const ordinal = fc.integer({ min: 0, max: 3 });

test("the plan is the documented one", () => {
  assert.equal(loopbackOf(blocks, 10), "2001:db8:ff00::a");
  assert.equal(locatorOf(blocks, 2, 7), "2001:db8:ff01:2007::/64");
  assert.equal(formatPrefix(linkPrefixOf(blocks.links, 11, 1, 0)), "2001:db8:ff00:1:1:b::/127");
  assert.equal(formatPrefix(linkPrefixOf(blocks.links, 1, 11, 1)), "2001:db8:ff00:1:1:b:1:0/127");
  assert.equal(routerIdOf(4095), "10.15.255.1");
});

test("two links have one prefix only if they are one link", () => {
  fc.assert(
    fc.property(id, id, ordinal, id, id, ordinal, (a, b, i, c, d, j) => {
      const same = Math.min(a, b) === Math.min(c, d) && Math.max(a, b) === Math.max(c, d) && i === j;
      assert.equal(overlaps(linkPrefixOf(blocks.links, a, b, i), linkPrefixOf(blocks.links, c, d, j)), same);
    }),
    { numRuns: 2000 },
  );
});

test("links of an outside AS never take the ::1 of its prefix", () => {
  for (const text of ["3fff:250::/32", "3fff:250::/64"]) {
    const prefix = parsePrefix(text);
    assert.ok(prefix);
    const link = linkPrefixOf(outsideLinkBlock(prefix), 1, 2, 0);
    assert.ok(overlaps(prefix, link));
    assert.ok(!overlaps(link, { address: loopbackBytes(prefix.address), length: 128 }));
  }
});

test("derived interface names fit the kernel and tell long names apart", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/);
  fc.assert(
    fc.property(name, ordinal, (peer, i) => {
      assert.ok(isInterfaceName(interfaceNameOf(peer, i)), interfaceNameOf(peer, i));
    }),
  );
  assert.equal(interfaceNameOf("green-note", 0), "to-green-note");
  assert.notEqual(interfaceNameOf("plane-router-one", 0), interfaceNameOf("plane-router-two", 0));
  assert.notEqual(interfaceNameOf("plane-router-one", 0), interfaceNameOf("plane-router-one", 1));
});

test("derived ids stay what they were", () => {
  assert.deepEqual(["blue-sfc", "xe-sfc", "edge-1"].map(defaultId), RECORDED_IDS);
});

/** Recorded once; a change would renumber running networks. */
const RECORDED_IDS = [4047, 1824, 2686];

function loopbackBytes(address: Uint8Array): Uint8Array {
  return Uint8Array.from(address, (byte, i) => (i === 15 ? 1 : byte));
}
