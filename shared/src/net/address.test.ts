import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalAddress, compareAddresses, formatAddress, parseAddress } from "./address.ts";

const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Addresses with many zero groups, where `::` is decided. */
const sparse = fc
  .array(fc.constantFrom(0, 0, 0, 1, 0xdb8, 0xffff), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])));
/** Text that is nearly an address. */
const hostile = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEFg:./% []"), maxLength: 50 }),
  fc.string({ unit: fc.constantFrom("::", ":", "0", "1", "ffff", "1.2.3.4", "256", "."), maxLength: 20 }),
  fc.string(),
);

test("every address comes back from its text", () => {
  fc.assert(
    fc.property(fc.oneof(octets, sparse), (bytes) => {
      const parsed = parseAddress(formatAddress(bytes));
      assert.deepEqual(parsed, bytes);
    }),
    { numRuns: 2000 },
  );
});

test("exactly what the runtime takes for an IPv6 address without a zone is taken for one", () => {
  fc.assert(
    fc.property(fc.oneof(hostile, sparse.map(formatAddress)), (text) => {
      const expected = isIPv6(text) && !text.includes("%");
      assert.equal(parseAddress(text) !== undefined, expected, text);
    }),
    { numRuns: 20_000 },
  );
});

test("the text is the one the URL standard and RFC 5952 give", () => {
  fc.assert(
    fc.property(sparse, (bytes) => {
      const text = formatAddress(bytes);
      if (text.startsWith("::ffff:") && text.includes(".")) return;
      assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`);
    }),
    { numRuns: 2000 },
  );
});

test("the examples of RFC 5952 come out as it says", () => {
  for (const [written, canonical] of [
    ["2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::0:1", "2001:db8::1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:DB8::1", "2001:db8::1"],
    ["::FFFF:192.0.2.1", "::ffff:192.0.2.1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["1:0:0:0:0:0:0:0", "1::"],
  ] as const) {
    assert.equal(canonicalAddress(written), canonical);
  }
});

test("addresses are ordered by number", () => {
  fc.assert(
    fc.property(octets, octets, (a, b) => {
      const [x, y] = [Buffer.from(a), Buffer.from(b)];
      assert.equal(Math.sign(compareAddresses(a, b)), Buffer.compare(x, y));
    }),
  );
});

test("sixteen octets or an error", () => {
  assert.throws(() => formatAddress(new Uint8Array(4)), RangeError);
});
