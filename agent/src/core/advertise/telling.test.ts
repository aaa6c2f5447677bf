import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvertisementObject } from "../../resources/router-advertisement/model.ts";
import { encodeRouterAdvertisement } from "../../wire/encode-advertisement.ts";
import { decodeRouterAdvertisement } from "../../wire/router-advertisement.ts";
import { afterHeard, NO_OTHERS } from "./others.ts";
import { endingsAfter, nothingOf, tell } from "./telling.ts";

const PREFIX = {
  prefix: "2001:db8:1:100::/64",
  onLink: true,
  autonomous: true,
  preferredS: 2700,
  validS: 5400,
};
const LAN: AdvertisementObject = {
  interface: "lan0",
  intervalS: 600,
  lifetimeS: 1800,
  preference: "high",
  mtu: 1400,
  prefixes: [PREFIX],
  resolvers: ["2001:db8:53::53"],
  resolversS: 1800,
  pref64: "2001:db8:64::/96",
  pref64S: 1800,
};
const read = (...args: Parameters<typeof tell>) =>
  decodeRouterAdvertisement(encodeRouterAdvertisement(tell(...args)));

test("what ended is told with preferred lifetime 0 until hosts have forgotten it", () => {
  const moved = { ...LAN, prefixes: [{ ...PREFIX, prefix: "2001:db8:1:200::/64" }], pref64: undefined };
  const endings = endingsAfter([], LAN, moved, 0);
  const [, old] = tell(moved, endings, 1_000_000).prefixes;
  assert.deepEqual([old?.preferredS, old?.validS, old?.onLink], [0, 4400, true]);
  assert.deepEqual(
    tell(moved, endings, 1_000_000).pref64.map(({ lifetimeS }) => lifetimeS),
    [0],
  );
  assert.equal(tell(moved, endings, 5_400_000).prefixes.length, 1);
  const back = endingsAfter(endings, moved, LAN, 2000);
  assert.deepEqual(
    back.map(({ text }) => text),
    ["2001:db8:1:200::/64"],
  );
});

test("of a prefix that was valid for days two hours are left", () => {
  const [one] = endingsAfter([], { ...LAN, prefixes: [{ ...PREFIX, validS: 864_000 }] }, undefined, 0);
  assert.equal(one?.untilMs, 7_200_000);
});

test("a link that is given up hears an end of everything, and that this is no router", () => {
  const endings = endingsAfter([], LAN, undefined, 0);
  const said = tell(nothingOf(LAN), endings, 0);
  assert.equal(said.lifetimeS, 0);
  assert.ok([...said.resolvers, ...said.pref64].every(({ lifetimeS }) => lifetimeS === 0));
  assert.deepEqual(
    read(nothingOf(LAN), endings, 0).prefixes.map(({ preferredS }) => preferredS),
    [0],
  );
});

test("a program that ends is no default router, and takes nothing else back", () => {
  const said = read(LAN, [], 0, { leaving: true });
  assert.equal(said.lifetimeS, 0);
  assert.deepEqual(said, { ...read(LAN, [], 0), lifetimeS: 0 });
});

test("endings of years fit into one message", () => {
  let endings = endingsAfter([], undefined, LAN, 0);
  for (let i = 0; i < 100; i++) {
    const before = {
      ...LAN,
      prefixes: [{ ...PREFIX, prefix: `2001:db8:1:${(i + 512).toString(16)}::/64` }],
      resolvers: [`2001:db8:53::${(i + 256).toString(16)}`],
      pref64: `2001:db8:${(i + 256).toString(16)}::/96`,
    };
    endings = endingsAfter(endings, before, LAN, i);
  }
  assert.equal(endings.length, 24);
  assert.ok(encodeRouterAdvertisement(tell(LAN, endings, 100)).length <= 1240);
});

test("another router that says the same, or leaves open, is no contradiction; one that says other things is named", () => {
  const same = read(LAN, [], 0);
  const heard = (said: typeof same, from = "fe80::2", nowMs = 0) =>
    afterHeard(NO_OTHERS, LAN, { from, said, nowMs });
  assert.equal(heard(same).size, 0);
  assert.equal(heard({ ...same, mtu: undefined, pref64: [], prefixes: [] }).size, 0);
  const [, told] = [...heard({ ...same, mtu: 1500, pref64: ["64:ff9b::/96"] })][0] ?? [];
  assert.equal(
    told?.says,
    "MTU 1500, ours is 1400; Pref64 64:ff9b::/96, ours is 2001:db8:64::/96 (RFC 8781 section 5.2)",
  );
  assert.equal(told?.untilMs, 1_800_000);
});

test("sources that are made up fill a small table only, and one that comes to agree leaves it", () => {
  const wrong = { ...read(LAN, [], 0), mtu: 1500 };
  let others = NO_OTHERS;
  for (let i = 1; i < 1000; i++)
    others = afterHeard(others, LAN, { from: `fe80::${i.toString(16)}`, said: wrong, nowMs: 0 });
  assert.equal(others.size, 16);
  others = afterHeard(others, LAN, { from: "fe80::1", said: read(LAN, [], 0), nowMs: 0 });
  assert.equal(others.size, 15);
  others = afterHeard(others, LAN, { from: "fe80::fff", said: wrong, nowMs: 1_800_000 });
  assert.deepEqual([...others.keys()], ["fe80::fff"]);
});
