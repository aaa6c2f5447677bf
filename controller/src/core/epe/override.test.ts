import assert from "node:assert/strict";
import { test } from "node:test";
import { CYCLE_MS, Setting } from "./test-setting.ts";

const OTHER = "xe-2/other";

/** Moved to `other`, which is 20 ms better, and past its check. */
function moved(): Setting {
  const setting = new Setting();
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 40 });
  setting.run(60);
  assert.equal(setting.decide().decisions[0]?.peer, OTHER);
  assert.equal(setting.memory.accounts.kept, 1);
  return setting;
}

for (const [what, rule, change] of [
  [
    "the session of its peer ends",
    "peer-down",
    (s: Setting) => (s.up = (peer) => ({ established: peer !== OTHER, forMs: 0 })),
  ],
  [
    "its SID leads nowhere",
    "sid-elsewhere",
    (s: Setting) => (s.up = (peer) => (peer === OTHER ? { sid: "lookup" } : {})),
  ],
  ["its External Edge is not alive", "external-edge-lost", (s: Setting) => s.alive.delete("xe-2")],
  [
    "its peer withdraws the route",
    "withdrawn",
    (s: Setting) => (s.route = (_, peer) => (peer === OTHER ? "none" : {})),
  ],
  [
    "our policy refuses the route",
    "policy",
    (s: Setting) => (s.route = (_, peer) => ({ filtered: peer === OTHER })),
  ],
] as const)
  test(`an override is taken back at once when ${what}`, () => {
    const setting = moved();
    change(setting);
    const decision = setting.after(1);
    assert.deepEqual([decision.action, decision.rule, decision.peer], ["revert", rule, undefined]);
    assert.deepEqual(setting.decide().overrides, []);
  });

test("an override whose path stops carrying full packets is taken back, and that peer is not tried again for an hour", () => {
  const setting = moved();
  setting.cell = (_, peer) => (peer === OTHER ? { rttMs: 20, full: "too-big" } : { rttMs: 40 });
  assert.equal(setting.after(1).rule, "full-size");
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 40 });
  const later = setting.after(60);
  assert.deepEqual([later.action, later.peer], ["bgp", undefined]);
  assert.equal(later.peers().find(({ peer }) => peer === OTHER)?.code, "remembered");
  assert.equal(setting.after(70).peer, OTHER);
});

test("a candidate whose path cannot carry full packets is refused with that reason", () => {
  const setting = new Setting();
  setting.cell = (_, peer) => (peer === OTHER ? { rttMs: 20, full: "lost" } : { rttMs: 40 });
  const decision = setting.after(60);
  assert.deepEqual([decision.action, decision.rule], ["bgp", "bgp-best"]);
  assert.equal(decision.peers().find(({ peer }) => peer === OTHER)?.code, "full-size");
});

test("an override without data is kept, and given up after ageCycles", () => {
  const setting = moved();
  setting.cell = () => ({ unsent: true });
  const kept = setting.after(10);
  assert.deepEqual([kept.action, kept.rule, kept.peer], ["keep", "keeps-without-data", OTHER]);
  assert.equal(setting.after(9).action, "keep");
  const aged = setting
    .run(3)
    .flatMap(({ decisions }) => decisions.filter(({ action }) => action === "revert"));
  assert.deepEqual(
    aged.map(({ rule }) => rule),
    ["aged-out"],
  );
});

test("a move that is no gain afterwards is taken back, and remembered for longer each time", () => {
  const setting = new Setting({ numbers: { holdS: 0 } });
  let [better, moves] = [true, 0];
  // Better until moved to: a peer that whoever measures it likes, and whoever uses it does not.
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER && better ? 20 : 40 });
  const gaps: number[] = [];
  let last = setting.nowMs;
  for (let cycle = 0; cycle < 1000 && moves < 3; cycle++) {
    for (const { action, rule } of setting.run(1).flatMap(({ decisions }) => decisions)) {
      if (action === "move") {
        moves++;
        gaps.push(setting.nowMs - last);
        better = false;
      }
      if (action !== "revert") continue;
      assert.equal(rule, "taken-back");
      last = setting.nowMs;
      better = true;
    }
  }
  assert.equal(moves, 3);
  assert.ok((gaps[1] ?? 0) >= 3_600_000 && (gaps[2] ?? 0) >= 7_200_000, `${gaps}`);
  assert.equal(setting.memory.accounts.takenBack, 2);
});

test("an override goes when its gain is gone, though not for a gain that only shrinks", () => {
  const setting = moved();
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 38 : 40 });
  assert.equal(setting.after(40).action, "keep");
  setting.cell = () => ({ rttMs: 40 });
  const rules = setting.run(40).flatMap(({ decisions }) => decisions.map(({ rule }) => rule));
  assert.ok(rules.includes("gain-gone"));
  assert.equal(setting.decide().overrides.length, 0);
});

test("an override to what BGP has come to choose itself is taken away after the hold", () => {
  const setting = moved();
  setting.route = (_, peer) => ({ asPath: peer === OTHER ? [64500] : [64500, 64501, 64600] });
  const decision = setting.after(1);
  assert.deepEqual([decision.action, decision.rule], ["revert", "bgp-agrees"]);
});

test("a peer that goes down every ten seconds is not used, nor for a long while after", () => {
  const setting = new Setting();
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 40 });
  setting.up = (peer) => (peer === OTHER ? { forMs: (setting.cycle * 3) % 10_000 } : {});
  for (const { overrides, decisions } of setting.run(60)) {
    assert.deepEqual(overrides, []);
    assert.ok(decisions.every(({ action }) => action === "bgp"));
  }
  const stoppedMs = setting.nowMs;
  setting.up = (peer) => (peer === OTHER ? { forMs: setting.nowMs - stoppedMs } : {});
  // It flapped sixty times: 32 times stableS must pass before it is believed, less what is forgotten meanwhile.
  assert.equal(
    setting
      .after(10)
      .peers()
      .find(({ peer }) => peer === OTHER)?.code,
    "unstable",
  );
  assert.equal(setting.after(130).peer, OTHER);
});

test("a destination or a router that is not asked for any more loses its override", () => {
  const setting = moved();
  const before = setting.memory;
  const smaller = new Setting({ prefixes: ["3fff:800::/48"] });
  smaller.nowMs = setting.nowMs;
  smaller.memory = before;
  const outcome = smaller.run(1)[0];
  const rules = outcome?.decisions
    .filter(({ action }) => action === "revert")
    .map(({ rule, prefix }) => [rule, prefix]);
  assert.deepEqual(rules, [["not-asked", "3fff::/48"]]);
  assert.deepEqual(outcome?.overrides, []);
});

test("in observe the same is decided, nothing is in force, and what it would have won is counted", () => {
  const setting = new Setting({ policy: { mode: "observe" } });
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 40 });
  const outcomes = setting.run(80);
  assert.ok(outcomes.every(({ overrides }) => overrides.length === 0));
  assert.ok(outcomes.some(({ decisions }) => decisions.some(({ action }) => action === "move")));
  const { moves, kept, cycles, worseCycles, wonMsCycles } = setting.memory.accounts;
  assert.deepEqual([moves, kept, worseCycles], [1, 1, 0]);
  assert.ok(Math.abs(wonMsCycles / cycles - 20) < 0.5);
});

test("enabling after observing moves anew, under the caps", () => {
  const numbers = { maxMovesPerCycle: 3 };
  const setting = new Setting({ destinations: 10, numbers, policy: { mode: "observe" } });
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 20 : 40 });
  setting.run(60);
  const enforced = new Setting({ destinations: 10, numbers });
  enforced.cell = setting.cell;
  enforced.memory = setting.memory;
  enforced.measure(60);
  const counts = [0, 1, 2, 3].map(() => enforced.decide().overrides.length);
  assert.deepEqual(counts, [3, 6, 9, 10]);
});

test("memory survives a restart as ages, whatever the clocks begin with", async () => {
  const { saveMemory, loadMemory } = await import("./memory.ts");
  const setting = moved();
  const saved = JSON.parse(JSON.stringify(saveMemory(setting.memory, setting.nowMs)));
  const loaded = loadMemory(saved, 500, 2 * CYCLE_MS);
  const [before, after] = [
    [...setting.memory.rows.values()][0]?.override,
    [...loaded.rows.values()][0]?.override,
  ];
  assert.equal(after?.peer, OTHER);
  assert.equal(500 - (after?.sinceMs ?? 0), setting.nowMs - (before?.sinceMs ?? 0) + 2 * CYCLE_MS);
  assert.deepEqual(loadMemory(saved, setting.nowMs, 0), setting.memory);
});
