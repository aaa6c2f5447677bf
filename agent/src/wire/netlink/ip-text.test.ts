import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalIp6,
  canonicalPrefix6,
  formatAddress,
  formatIp6,
  isLinkLocal,
  maskIp6,
  parseIp6,
} from "./ip-text.ts";

/** The WHATWG URL parser is the oracle: it, too, prints RFC 5952 in hexadecimal groups. */
const oracle = (text: string): string => new URL(`http://[${text}]/`).hostname.slice(1, -1);

test("every address comes back from its text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.array(fc.nat(15)), (bytes, zeroed) => {
      for (const i of zeroed) bytes[i] = 0;
      const out = new Uint8Array(16).fill(0xff);
      const text = formatIp6(bytes, 0);
      assert.ok(parseIp6(text, 0, text.length, out, 0));
      assert.deepEqual(out, bytes);
      assert.equal(text, oracle(text));
    }),
  );
});

test("an address text is accepted exactly when Node's own parser accepts it", () => {
  const piece = fc.constantFrom(
    ":",
    "::",
    "0",
    "1",
    "ffff",
    "a",
    "12345",
    ".",
    "1.2.3.4",
    "01",
    "256",
    "g",
    "/",
    "%",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV6(),
        fc.array(piece, { maxLength: 18 }).map((a) => a.join("")),
      ),
      (text) => {
        const accepted = canonicalIp6(text);
        assert.equal(accepted !== undefined, isIPv6(text) && !text.includes("%"), text);
        if (accepted !== undefined) assert.equal(accepted, oracle(text));
      },
    ),
    { numRuns: 3000 },
  );
});

test("prefixes lose their host bits and keep their length", () => {
  assert.equal(canonicalPrefix6("2001:DB8::1/32"), "2001:db8::/32");
  assert.equal(canonicalPrefix6("2001:db8::1/128"), "2001:db8::1/128");
  assert.equal(canonicalPrefix6("ffff::/3"), "e000::/3");
  assert.equal(canonicalPrefix6("1::2/0"), "::/0");
  assert.equal(canonicalPrefix6("::/0"), "::/0");
  for (const bad of [
    "",
    "/",
    "::",
    "::/",
    "::/129",
    "::/1280",
    "::/01",
    "::/-1",
    "::/x",
    "1.2.3.4/8",
    "::/0 ",
  ])
    assert.equal(canonicalPrefix6(bad), undefined, bad);
});

test("IPv4 addresses and link-local ones are told apart", () => {
  assert.equal(formatAddress(new Uint8Array([192, 0, 2, 1])), "192.0.2.1");
  assert.equal(formatAddress(new Uint8Array(5)), undefined);
  assert.ok(isLinkLocal("fe80::1") && isLinkLocal("febf::1"));
  assert.ok(!isLinkLocal("fec0::1") && !isLinkLocal("2001:db8::1") && !isLinkLocal("x"));
});

test("a prefix is canonical when it is the canonical text of its masked octets, however it was written", () => {
  const group = fc.oneof(
    fc.constantFrom("0", "00", "A", "0a", "8000"),
    fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16)),
  );
  const ends = fc.constantFrom("::", "::", "::", "", "::1");
  fc.assert(
    fc.property(fc.array(group, { maxLength: 8 }), ends, fc.nat(128), (groups, end, length) => {
      const address = `${groups.join(":")}${end}`;
      const bytes = new Uint8Array(16);
      const valid = parseIp6(address, 0, address.length, bytes, 0);
      maskIp6(bytes, 0, length);
      const wanted = valid ? `${formatIp6(bytes, 0)}/${length}` : undefined;
      assert.equal(canonicalPrefix6(`${address}/${length}`), wanted, address);
    }),
    { numRuns: 3000 },
  );
});
