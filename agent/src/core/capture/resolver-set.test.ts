import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords } from "@vsix/shared/dns/bytes-table.ts";
import fc from "fast-check";
import { parseIp } from "./ip-text.ts";
import { ResolverSet } from "./resolver-set.ts";

const asKey = (address: Uint8Array): Int32Array => {
  const key = new Uint8Array(16);
  key.set(address);
  return inWords(key).words;
};

test("a set has exactly the addresses that it was made of", () => {
  // Few different octets, so that many are alike in some words.
  const octet = fc.constantFrom(0, 1, 255);
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map((octets) => octets.map((n) => n % 2)),
    fc.array(octet, { minLength: 16, maxLength: 16 }).map((octets) => Uint8Array.from(octets)),
  );
  fc.assert(
    fc.property(fc.array(address, { maxLength: 8 }), address, (members, asked) => {
      const set = new ResolverSet(members);
      assert.equal(set.isEmpty, members.length === 0);
      for (const one of members) assert.ok(set.has(asKey(one), one.length));
      const wanted = members.some((one) => one.join() === asked.join());
      assert.equal(set.has(asKey(asked), asked.length), wanted);
    }),
  );
});

test("an IPv4 address is not the IPv6 address that begins with its octets and ends with zeros", () => {
  const [four, six] = [parseIp("32.1.13.184"), parseIp("2001:db8::")];
  assert.ok(four && six);
  assert.ok(!new ResolverSet([four]).has(asKey(six), 16));
  assert.ok(!new ResolverSet([six]).has(asKey(four), 4));
});
