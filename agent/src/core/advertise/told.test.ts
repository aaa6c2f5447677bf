import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvertisementObject } from "../../resources/router-advertisement/model.ts";
import { recall, remember, toldAfter } from "./told.ts";

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
  preference: "medium",
  mtu: undefined,
  prefixes: [PREFIX],
  resolvers: ["2001:db8:53::53"],
  resolversS: 1800,
  pref64: "2001:db8:64::/96",
  pref64S: 1800,
};
const MOVED = { ...LAN, prefixes: [{ ...PREFIX, prefix: "2001:db8:1:200::/64" }] };
const WALL = 1_800_000_000_000;

test("of a former life hosts may have all it told, for as long as it said then", () => {
  const told = toldAfter(toldAfter(undefined, LAN, 0), MOVED, 1_000_000) ?? assert.fail();
  const saved = remember(told, { monotonicMs: 1_600_000, wallMs: WALL });
  const endings = recall(saved, { monotonicMs: 5_000, wallMs: WALL + 60_000 });
  assert.deepEqual(
    endings.map(({ kind, text, untilMs }) => [kind, text, (untilMs - 5_000) / 1000]),
    [
      ["prefix", "2001:db8:1:100::/64", 5400 - 600 - 60],
      ["prefix", "2001:db8:1:200::/64", 5400 - 60],
      ["resolver", "2001:db8:53::53", 1800 - 60],
      ["pref64", "2001:db8:64::/96", 1800 - 60],
    ],
  );
});

test("what is told again has not ended", () => {
  const saved = remember(toldAfter(undefined, LAN, 0) ?? assert.fail(), { monotonicMs: 0, wallMs: WALL });
  const endings = recall(saved, { monotonicMs: 0, wallMs: WALL });
  const before = { object: { ...LAN, prefixes: [], resolvers: [], pref64: undefined }, endings };
  assert.deepEqual(toldAfter(before, LAN, 0)?.endings, []);
  assert.deepEqual(
    toldAfter(before, MOVED, 0)?.endings.map(({ text }) => text),
    ["2001:db8:1:100::/64"],
  );
});

test("a clock that went back adds no time; one that went on takes it away", () => {
  const saved = remember(toldAfter(undefined, LAN, 0) ?? assert.fail(), { monotonicMs: 0, wallMs: WALL });
  const back = recall(saved, { monotonicMs: 0, wallMs: 0 });
  assert.equal(back[0]?.untilMs, 5_400_000);
  const later = recall(saved, { monotonicMs: 0, wallMs: WALL + 2_000_000 });
  assert.deepEqual(
    later.map(({ kind, untilMs }) => [kind, untilMs]),
    [["prefix", 3_400_000]],
  );
  assert.deepEqual(recall(saved, { monotonicMs: 0, wallMs: WALL + 5_400_000 }), []);
});
