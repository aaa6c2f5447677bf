import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatPrefix,
  overlaps,
  type Prefix,
  parsePrefix,
  prefixOf,
  subnet,
} from "@vsix/shared/net/prefix.ts";
import fc from "fast-check";
import { addressOfHex, buddyOf, carve, chooseBlock, hexOf, parentOf } from "./blocks.ts";

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const inPool = fc
  .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 16, max: 128 }), fc.nat(60))
  .map(([address, length, more]) => {
    const taken = prefixOf(address, Math.min(128, length + more));
    return { block: prefixOf(address, length), taken };
  });

test("what is carved out of a block and what is left of it are the block, with nothing twice", () => {
  fc.assert(
    fc.property(inPool, ({ block, taken }) => {
      const left = carve(block, taken);
      const parts = [taken, ...left];
      const size = parts.reduce((sum, { length }) => sum + (1n << BigInt(128 - length)), 0n);
      assert.equal(size, 1n << BigInt(128 - block.length));
      for (const [at, one] of parts.entries())
        for (const other of parts.slice(at + 1)) assert.ok(!overlaps(one, other));
    }),
  );
});

test("a prefix and its buddy are the two halves of its parent", () => {
  fc.assert(
    fc.property(inPool, ({ taken }) => {
      const halves = [taken, buddyOf(taken)].map(formatPrefix).sort();
      const parent = parentOf(taken);
      assert.deepEqual(halves, [0, 1].map((at) => formatPrefix(subnet(parent, taken.length, at))).sort());
    }),
  );
});

test("addresses as digits come back, and sort as addresses do", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (address) => {
      assert.deepEqual(addressOfHex(hexOf(address)), address);
    }),
  );
  assert.throws(() => addressOfHex("0".repeat(31)), RangeError);
  assert.ok(hexOf(prefix("2001:db8:9::/48").address) < hexOf(prefix("2001:db8:10::/48").address));
});

test("first fit takes the lowest block that is large enough, sparse the lowest of the largest", () => {
  const blocks = ["2001:db8:0:10::/60", "2001:db8:0:80::/57", "2001:db8:0:40::/58", "2001:db8::/64"].map(
    prefix,
  );
  assert.equal(formatPrefix(chooseBlock(blocks, 60, "first") ?? prefix("::/0")), "2001:db8:0:10::/60");
  assert.equal(formatPrefix(chooseBlock(blocks, 60, "sparse") ?? prefix("::/0")), "2001:db8:0:80::/57");
  assert.equal(chooseBlock(blocks, 56, "first"), undefined);
});
