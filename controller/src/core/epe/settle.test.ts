import assert from "node:assert/strict";
import { test } from "node:test";
import { concerns } from "./policy.ts";
import { Setting } from "./test-setting.ts";

const [NEAR, OTHER] = ["xe-1/near", "xe-2/other"] as const;

function key(setting: Setting, at: number): string {
  return `blue-1 default ${setting.destinations[at]?.prefix}`;
}

/** BGP takes xe-1/near for all: it announces the shorter path. */
function nearest(setting: Setting): Setting {
  setting.route = (_, peer) => ({ asPath: peer === NEAR ? [64500] : [64501, 64600] });
  return setting;
}

test("a link beyond its share gives away what it harms least, until it is below it, and takes it back when there is room", () => {
  const setting = nearest(
    new Setting({
      destinations: 10,
      peers: [
        { name: NEAR, capacityMbps: 100 },
        { name: OTHER, capacityMbps: 100 },
      ],
    }),
  );
  for (let at = 0; at < 10; at++) setting.demand.set(key(setting, at), 9.8);
  // The further a destination is by the other peer, the more being led there harms it.
  setting.cell = (destination, peer) => ({ rttMs: peer === OTHER ? 20 + 3 * destination : 20 });
  let offered = 60;
  const away = (): string[] => setting.decide().overrides.map(({ prefix }) => prefix);
  const share = (): number => setting.decide().overrides.length / 10;
  setting.loadMbps = (peer) => offered * (peer === NEAR ? 1 - share() : share());
  setting.run(40);
  assert.deepEqual(away(), []);
  offered = 98;
  setting.run(20);
  // One of ten carries a tenth: 88 Mbit/s stay, and that is below 90.
  assert.deepEqual(away(), [setting.destinations[0]?.prefix]);
  assert.equal(setting.decide().decisions[0]?.rule, "detour");
  offered = 80;
  setting.run(20);
  assert.equal(away().length, 1, "72 and 8 would be more than 70");
  offered = 50;
  for (let at = 0; at < 10; at++) setting.demand.set(key(setting, at), 5);
  setting.run(20);
  assert.deepEqual(away(), []);
});

test("nothing is led to a link that would be over its own share", () => {
  const setting = nearest(
    new Setting({
      destinations: 4,
      peers: [
        { name: NEAR, capacityMbps: 100 },
        { name: OTHER, capacityMbps: 50 },
      ],
    }),
  );
  for (let at = 0; at < 4; at++) setting.demand.set(key(setting, at), 20);
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 60 });
  setting.loadMbps = (peer) => (peer === NEAR ? 80 : 10);
  const outcome = setting.run(60).find(({ overrides }) => overrides.length > 0);
  // 10 and 20 are below 45, and another 20 would not be.
  assert.equal(outcome?.overrides.length, 1);
  assert.deepEqual(outcome?.decisions.map(({ rule }) => rule).sort(), [
    "gain",
    "no-room",
    "no-room",
    "no-room",
  ]);
});

test("a link whose load is not known takes nothing, one without a stated capacity takes all", () => {
  const known = nearest(new Setting({ peers: [{ name: NEAR }, { name: OTHER, capacityMbps: 100 }] }));
  const free = nearest(new Setting({ peers: [{ name: NEAR }, { name: OTHER }] }));
  for (const setting of [known, free]) setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 60 });
  assert.deepEqual([known.after(60).rule, known.after(1).peer], ["no-room", undefined]);
  assert.equal(free.after(60).peer, OTHER);
});

test("the greatest gains go first, and no more than the caps in a cycle", () => {
  const setting = new Setting({ destinations: 5, numbers: { maxMovesPerCycle: 2 } });
  setting.cell = (destination, peer) => ({ rttMs: peer === OTHER ? 50 - 5 * destination : 60 });
  const outcomes = setting
    .run(60)
    .filter(({ decisions }) => decisions.some(({ action }) => action === "move"));
  const moved = outcomes.map(({ decisions }) =>
    decisions.flatMap(({ action }, at) => (action === "move" ? [at] : [])),
  );
  assert.deepEqual(moved, [[3, 4], [1, 2], [0]]);
  assert.equal(outcomes[0]?.decisions[0]?.rule, "cap-prefixes");
});

test("a rule of its own decides for its traffic; where it follows BGP and a later one does not, it is pinned", () => {
  const setting = new Setting({
    classes: [{ name: "voice", match: { dscp: 46 }, ranks: [1, 1, 2] }, { name: "default" }],
  });
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 60 });
  const outcome = setting.run(60).at(-1);
  const by = outcome?.overrides.map(({ className, peer }) => [className, peer]);
  // The path of both is equal: BGP takes the first name at the nearer exit.
  assert.deepEqual(by, [
    ["voice", "xe-1/far"],
    ["default", OTHER],
  ]);
  assert.equal(outcome?.decisions.find(({ className }) => className === "voice")?.rule, "pinned");
});

test("a narrower destination that follows BGP is pinned where a wider one does not", () => {
  const setting = new Setting({ prefixes: ["3fff:1::/32", "3fff:1:2::/48"] });
  setting.cell = (destination, peer) => ({ rttMs: peer === OTHER && destination === 0 ? 20 : 60 });
  const outcome = setting.run(60).at(-1);
  assert.deepEqual(
    outcome?.overrides.map(({ prefix, peer }) => [prefix, peer]),
    [
      ["3fff:1::/32", OTHER],
      ["3fff:1:2::/48", "xe-1/far"],
    ],
  );
});

test("a rule is only about its destinations", () => {
  const setting = new Setting({ destinations: 3 });
  const [first, second] = setting.destinations;
  assert.ok(first !== undefined && second !== undefined);
  const [traffic] = setting.policy.classes;
  assert.ok(traffic !== undefined);
  const only = { ...traffic, destinations: [first.parsed] };
  assert.deepEqual([concerns(only, first.parsed), concerns(only, second.parsed)], [true, false]);
});

test("a preferred peer is taken when it is not worse, an avoided one is left for what is not worse, and never taken", () => {
  const same = (ranks: readonly number[], otherMs = 60): Setting => {
    const setting = new Setting({ classes: [{ ranks }] });
    setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? otherMs : 60 });
    return setting;
  };
  const preferred = same([1, 1, 0]).after(60);
  assert.deepEqual([preferred.peer, preferred.rule], [OTHER, "preferred"]);
  assert.equal(same([1, 1, 0], 70).after(60).peer, undefined);
  // BGP's own choice is xe-1/far.
  const left = same([1, 2, 1], 61).after(60);
  assert.deepEqual([left.rule, left.peer !== undefined], ["leave-avoided", true]);
  assert.equal(same([1, 1, 2], 20).after(60).peer, undefined);
});

test("what BGP leads beyond a hard limit is led within it, though the gain be small", () => {
  const objective = {
    weights: { rtt: 1, jitter: 0, lossPercent: 10, asPathHop: 0, cost: 0 },
    limits: { rttMs: 60 },
  };
  const setting = new Setting({ classes: [{ objective }] });
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 59 : 61 });
  const decision = setting.after(60);
  assert.deepEqual([decision.rule, decision.peer], ["limit", OTHER]);
});
