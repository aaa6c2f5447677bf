import { strict as assert } from "node:assert";
import { test } from "node:test";
import { formatAddress, parseAddress } from "../net/address.ts";
import { TYPE } from "./model.ts";
import { outcomeOf } from "./outcome.ts";
import { embeddedIpv4, embedIpv4, parsePref64, translatedBy } from "./pref64.ts";

/** RFC 6052 section 2.4. */
const EXAMPLES = [
  ["2001:db8::/32", "2001:db8:c000:221::"],
  ["2001:db8:100::/40", "2001:db8:1c0:2:21::"],
  ["2001:db8:122::/48", "2001:db8:122:c000:2:2100::"],
  ["2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"],
  ["2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100:0"],
  ["2001:db8:122:344::/96", "2001:db8:122:344::c000:221"],
] as const;
const IPV4 = Uint8Array.of(192, 0, 2, 33);

test("the examples of RFC 6052 embed 192.0.2.33 and give it back", () => {
  for (const [text, address] of EXAMPLES) {
    const prefix = parsePref64(text) ?? assert.fail(text);
    const bytes = parseAddress(address) ?? assert.fail(address);
    assert.equal(formatAddress(embedIpv4(prefix, IPV4)), formatAddress(bytes));
    assert.deepEqual(embeddedIpv4(prefix, bytes), IPV4);
    assert.equal(translatedBy([prefix], bytes), prefix);
  }
});

test("an address with the octet u set, or of another prefix, is not translated", () => {
  const prefix = parsePref64("2001:db8:122:344::/64") ?? assert.fail();
  assert.equal(
    translatedBy([prefix], parseAddress("2001:db8:122:344:1c0:2:2100:0") ?? assert.fail()),
    undefined,
  );
  assert.equal(
    translatedBy([prefix], parseAddress("2001:db8:122:345:c0:2:2100:0") ?? assert.fail()),
    undefined,
  );
  assert.equal(parsePref64("2001:db8::/33"), undefined);
  assert.equal(parsePref64("2001:db8:0:0:ff00::/96"), undefined);
});

test("AAAA outcomes", () => {
  const pref64 = [
    parsePref64("64:ff9b::/96") ?? assert.fail(),
    parsePref64("2001:db8:64::/48") ?? assert.fail(),
  ];
  const aaaa = (text: string) => ({ type: TYPE.AAAA, rdata: parseAddress(text) ?? assert.fail() });
  const cname = { type: TYPE.CNAME, rdata: Uint8Array.of(1, 97, 0) };
  const judge = (
    rcode: number,
    answers: Parameters<typeof outcomeOf>[3],
    flags = 0x8180,
    type: number = TYPE.AAAA,
  ) => outcomeOf(type, rcode, flags, answers, pref64);
  assert.equal(judge(0, [cname, aaaa("2001:db8::1")]), "native");
  assert.equal(judge(0, [cname, aaaa("64:ff9b::1.2.3.4")]), "translated");
  assert.equal(judge(0, [aaaa("2001:db8:64:102:3:400::")]), "translated");
  assert.equal(judge(0, [aaaa("64:ff9b::1.2.3.4"), aaaa("2001:db8::1")]), "native");
  assert.equal(judge(0, [cname]), "nodata");
  assert.equal(judge(0, [], 0x8380), "other");
  assert.equal(judge(3, [cname]), "nxdomain");
  assert.equal(judge(2, []), "servfail");
  assert.equal(judge(5, []), "other");
  assert.equal(judge(0, [aaaa("2001:db8::1")], 0x8180, TYPE.A), "none");
});
