import { strict as assert } from "node:assert";
import { test } from "node:test";
import { parseAddress } from "../net/address.ts";
import { parsePref64 } from "../net/pref64.ts";
import { TYPE } from "./model.ts";
import { outcomeOf } from "./outcome.ts";

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
