import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPrefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { discoverPref64s, translated, translatedBy } from "./discovery.ts";

const PREFIXES = [
  "2001:db8::/32",
  "2001:db8:100::/40",
  "2001:db8:122::/48",
  "2001:db8:122:300::/56",
  "2001:db8:122:344::/64",
  "2001:db8:122:344::/96",
  "64:ff9b::/96",
];

test("the prefix of a DNS64 is found from what it makes of ipv4only.arpa, at every length", () => {
  for (const text of PREFIXES) {
    const prefix = parsePrefix(text);
    assert.ok(prefix !== undefined);
    const made = ["192.0.0.170", "192.0.0.171"].flatMap((ipv4) => translated(prefix, ipv4) ?? []);
    assert.deepEqual(discoverPref64s(made).map(formatPrefix), [text]);
  }
  assert.deepEqual(discoverPref64s(["2001:db8::1", "nobody", "64:ff9b::c000:2aa"]), []);
});

test("a translated address is told from a native one", () => {
  const prefix = parsePrefix("64:ff9b::/96");
  assert.ok(prefix !== undefined);
  assert.equal(translatedBy([prefix], "64:ff9b::c000:221"), prefix);
  assert.equal(translatedBy([prefix], "2001:db8::1"), undefined);
  assert.equal(translated(prefix, "192.0.2.256"), undefined);
});
