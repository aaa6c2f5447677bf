import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "./address.ts";
import { formatAddress4, isGlobal4, overlaps4, parseAddress4, parsePrefix4 } from "./ip4.ts";
import { embedText, extract, PREF64_LENGTHS, parsePref64, pref64Fault, translatedBy } from "./pref64.ts";
import { parsePrefix, prefixOf } from "./prefix.ts";

const need = <T>(value: T | undefined): T => {
  assert.ok(value !== undefined);
  return value;
};

test("the examples of RFC 6052 section 2.4 come out", () => {
  const rows = [
    ["2001:db8::/32", "2001:db8:c000:221::"],
    ["2001:db8:100::/40", "2001:db8:1c0:2:21::"],
    ["2001:db8:122::/48", "2001:db8:122:c000:2:2100::"],
    ["2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"],
    ["2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100:0"],
    ["2001:db8:122:344::/96", "2001:db8:122:344::c000:221"],
    ["64:ff9b::/96", "64:ff9b::c000:221"],
  ] as const;
  for (const [text, expected] of rows) {
    const prefix = need(parsePref64(text));
    const address = need(parseAddress4("192.0.2.33"));
    const bytes = need(parseAddress(expected));
    assert.equal(embedText(prefix, address), expected);
    assert.equal(extract(prefix, bytes), address);
    assert.equal(translatedBy([prefix], bytes), prefix);
    assert.equal(translatedBy([prefix], Uint8Array.of(1, 2, 3, ...bytes), 3), prefix);
  }
});

test("what was embedded is extracted again, whatever the length", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.constantFrom(...PREF64_LENGTHS),
      fc.nat(2 ** 32 - 1),
      (bytes, length, address) => {
        bytes[8] = 0;
        const prefix = prefixOf(bytes, length);
        assert.equal(extract(prefix, need(parseAddress(embedText(prefix, address)))), address);
      },
    ),
  );
});

test("an address with the octet u set, or of another prefix, is not translated", () => {
  const prefix = need(parsePref64("2001:db8:122:344::/64"));
  for (const other of ["2001:db8:122:344:1c0:2:2100:0", "2001:db8:122:345:c0:2:2100:0"])
    assert.equal(translatedBy([prefix], need(parseAddress(other))), undefined, other);
});

test("a prefix of another length, or with octet u set, is no Pref64", () => {
  assert.match(pref64Fault(need(parsePrefix("2001:db8::/60"))) ?? "", /\/32, \/40/);
  assert.match(pref64Fault(need(parsePrefix("2001:db8:0:0:100::/96"))) ?? "", /bits 64 to 71/);
  for (const text of ["2001:db8::/33", "2001:db8:0:0:ff00::/96", "none"])
    assert.equal(parsePref64(text), undefined, text);
  assert.equal(pref64Fault(need(parsePrefix("64:ff9b::/96"))), undefined);
});

test("IPv4 prefixes are read strictly and compared", () => {
  for (const bad of [
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "256.1.1.1",
    "1.2.3.4/33",
    "10.0.0.1/8",
    "10.0.0.0/08",
  ])
    assert.equal(bad.includes("/") ? parsePrefix4(bad) : parseAddress4(bad), undefined, bad);
  assert.equal(formatAddress4(need(parseAddress4("203.0.113.255"))), "203.0.113.255");
  const of = (text: string) => need(parsePrefix4(text));
  assert.ok(overlaps4(of("192.0.2.0/24"), of("192.0.2.16/28")));
  assert.ok(!overlaps4(of("192.0.2.0/28"), of("192.0.2.16/28")));
  assert.ok(overlaps4(of("0.0.0.0/0"), of("255.255.255.255/32")));
  assert.ok(!isGlobal4(of("192.0.2.0/28")) && isGlobal4(of("8.8.8.0/24")));
});
