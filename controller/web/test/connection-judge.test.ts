import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { judge, type Tries } from "../src/model/connection-judge.ts";

const OWN = { address: "2001:db8::1", family: 6, inNetwork: true, application: { device: "home" } } as const;
const OUTSIDE = { address: "192.0.2.1", family: 4, inNetwork: false, application: null } as const;
const GOOD: Tries = { seen: OWN, ipv6: "worked", translated: "worked", down: "worked", up: "worked" };
const words = (tries: Tries) => judge(tries).map(({ word }) => word);

test("who comes by his own connection, and reaches everything, is told so, and that DNS64 was not looked at itself", () => {
  assert.deepEqual(words(GOOD), ["ipv6-seen", "vsix-own", "translated-works", "dns64-likely", "size-good"]);
});

test("IPv6 without translated pages points at DNS64; without IPv6 it does not", () => {
  const fails = { ...GOOD, translated: "failed" } as const;
  assert.deepEqual(words(fails).slice(2, 4), ["translated-fails", "dns64-unlikely"]);
  const none = { ...fails, seen: OUTSIDE, ipv6: "failed" } as const;
  assert.deepEqual(words(none).slice(0, 4), ["ipv6-none", "vsix-ipv4", "translated-alone", "dns64-untold"]);
});

test("an IPv4 page that loads from outside proves nothing of our translators", () => {
  assert.equal(words({ ...GOOD, seen: OUTSIDE })[2], "translated-outside");
});

test("large packets that get lost are told by direction", () => {
  assert.equal(words({ ...GOOD, up: "failed" })[4], "size-up");
  assert.equal(words({ ...GOOD, down: "failed" })[4], "size-down");
  assert.equal(words({ ...GOOD, down: "failed", up: "failed" })[4], "size-both");
});

test("nothing is called good or bad that was not tried", () => {
  const outcome = fc.constantFrom("worked" as const, "failed" as const, "none" as const);
  fc.assert(
    fc.property(
      fc.constantFrom(OWN, OUTSIDE),
      outcome,
      outcome,
      outcome,
      outcome,
      (seen, ipv6, translated, down, up) => {
        const [of6, , ofTranslated, ofDns64, ofSize] = judge({ seen, ipv6, translated, down, up });
        if (seen.family === 4 && ipv6 === "none") assert.equal(of6?.tone, "unknown");
        if (translated === "none")
          assert.deepEqual([ofTranslated?.tone, ofDns64?.tone], ["unknown", "unknown"]);
        if (down === "none" || up === "none") assert.equal(ofSize?.tone, "unknown");
      },
    ),
  );
});
