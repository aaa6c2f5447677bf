import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAddress } from "./address.ts";
import {
  addressAt,
  canonicalPrefix,
  comparePrefixes,
  containsAddress,
  containsPrefix,
  formatPrefix,
  overlaps,
  parseInterfaceAddress,
  parsePrefix,
  prefixOf,
  subnet,
} from "./prefix.ts";

const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });
const length = fc.integer({ min: 0, max: 128 });
const prefix = fc.tuple(octets, length).map(([address, bits]) => prefixOf(address, bits));

function bitsOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

test("every prefix comes back from its text", () => {
  fc.assert(fc.property(prefix, (one) => assert.deepEqual(parsePrefix(formatPrefix(one)), one)));
});

test("a prefix with bits beyond its length is none, but may be an interface's address", () => {
  fc.assert(
    fc.property(octets, length, (address, bits) => {
      const text = `${formatAddress(address)}/${bits}`;
      const clean = !bitsOf(address).slice(bits).includes("1");
      assert.equal(parsePrefix(text) !== undefined, clean, text);
      assert.deepEqual(parseInterfaceAddress(text), { address, length: bits });
    }),
  );
});

test("containment is equality of the leading bits", () => {
  fc.assert(
    fc.property(prefix, fc.oneof(prefix, prefix), fc.boolean(), (outer, other, related) => {
      const inner = related
        ? prefixOf(
            Uint8Array.from(outer.address, (byte, i) => byte | ((other.address[i] ?? 0) & 0x11)),
            other.length,
          )
        : other;
      const same =
        bitsOf(inner.address).slice(0, outer.length) === bitsOf(outer.address).slice(0, outer.length);
      assert.equal(containsAddress(outer, inner.address), same);
      assert.equal(containsPrefix(outer, inner), same && inner.length >= outer.length);
      assert.equal(overlaps(outer, inner), containsPrefix(outer, inner) || containsPrefix(inner, outer));
    }),
    { numRuns: 1000 },
  );
});

test("every subnet lies inside and no two are the same", () => {
  fc.assert(
    fc.property(prefix, fc.integer({ min: 1, max: 12 }), fc.nat(), fc.nat(), (outer, more, i, j) => {
      const bits = Math.min(128, outer.length + more);
      const count = 1 << (bits - outer.length);
      const [a, b] = [subnet(outer, bits, i % count), subnet(outer, bits, j % count)];
      assert.ok(containsPrefix(outer, a));
      assert.equal(comparePrefixes(a, b) === 0, i % count === j % count);
      assert.throws(() => subnet(outer, bits, count), RangeError);
    }),
  );
});

test("a prefix stands before what it contains", () => {
  fc.assert(
    fc.property(prefix, length, (one, bits) => {
      const outer = prefixOf(one.address, Math.min(bits, one.length));
      assert.ok(comparePrefixes(outer, one) <= 0);
    }),
  );
});

test("no text makes the parser throw", () => {
  fc.assert(
    fc.property(fc.string(), (text) => void parsePrefix(text)),
    { numRuns: 2000 },
  );
  for (const text of [
    "",
    "/",
    "::",
    "::/",
    "::/129",
    "::/01",
    "::/-1",
    "::/1e1",
    "::/64/64",
    "::1/64",
    "10.0.0.0/8",
  ]) {
    assert.equal(parsePrefix(text), undefined, text);
  }
});

test("numbered addresses and canonical text", () => {
  const block = parsePrefix("2001:db8::/64");
  assert.ok(block);
  assert.equal(formatAddress(addressAt(block, 1)), "2001:db8::1");
  assert.equal(formatAddress(addressAt(block, (1n << 64n) - 1n)), "2001:db8::ffff:ffff:ffff:ffff");
  assert.equal(canonicalPrefix("2001:0DB8:0:0::/32"), "2001:db8::/32");
});
