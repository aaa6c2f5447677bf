import assert from "node:assert/strict";
import { test } from "node:test";
import { Setting } from "./test-setting.ts";

/** Something near that answers in the host's place by one peer. BGP takes xe-1/far: equal paths, and xe-1 is the nearer exit. */

const OTHER = "xe-2/other";

function by(ms: { other: number; rest: number }): Setting {
  const setting = new Setting();
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? ms.other : ms.rest });
  return setting;
}

function codeOf(setting: Setting, peer = OTHER): string | undefined {
  return setting
    .decide()
    .decisions[0]?.peers()
    .find((one) => one.peer === peer)?.code;
}

test("a peer by which a host far away seems next door is never moved to, though its hop limit says nothing", () => {
  const setting = by({ other: 2, rest: 88 });
  for (const { overrides } of setting.run(100)) assert.deepEqual(overrides, []);
  assert.equal(codeOf(setting), "too-near");
});

test("half as far is no lie, nor is a few milliseconds", () => {
  for (const ms of [
    { other: 40, rest: 88 },
    { other: 1, rest: 9 },
  ])
    assert.equal(by(ms).run(60).at(-1)?.overrides.length, 1);
});

test("where the nearer peer alone announces the shortest path, the others go round the world", () => {
  const setting = by({ other: 2, rest: 88 });
  // BGP does not take it: its External Edge is told to use another.
  setting.route = (_, peer) =>
    peer === OTHER ? { asPath: [1, 2] } : { asPath: [4, 5, 6, 2], best: peer === "xe-1/near" };
  assert.equal(setting.run(60).at(-1)?.overrides[0]?.peer, OTHER);
});

test("of two peers that differ nobody knows which one is right", () => {
  const setting = new Setting({ peers: [{ name: "xe-1/near" }, { name: OTHER }] });
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 2 : 88 });
  assert.equal(setting.run(60).at(-1)?.overrides.length, 1);
});

test("an override by which a cache begins to answer is taken back and remembered", () => {
  const ms = { other: 30, rest: 88 };
  const setting = by(ms);
  assert.equal(setting.run(60).at(-1)?.overrides.length, 1);
  ms.other = 2;
  const rules = setting.run(20).flatMap(({ decisions }) => decisions.map(({ rule }) => rule));
  assert.ok(rules.includes("inconsistent"), `${rules}`);
  ms.other = 30;
  setting.run(20);
  assert.equal(codeOf(setting), "remembered");
});

test("an override stays when all other peers become far: what is near was so before", () => {
  const ms = { other: 15, rest: 25 };
  const setting = by(ms);
  assert.equal(setting.run(60).at(-1)?.overrides.length, 1);
  ms.rest = 120;
  for (const { overrides } of setting.run(150)) assert.equal(overrides.length, 1);
});

test("a host that was near by another peer too within the cycles kept is no lie: all others became far", () => {
  const ms = { other: 15, rest: 15 };
  const setting = by(ms);
  setting.run(60);
  ms.rest = 120;
  assert.equal(setting.run(40).at(-1)?.overrides[0]?.peer, OTHER);
});
