import assert from "node:assert/strict";
import { test } from "node:test";
import { CYCLE_MS, Setting } from "./test-setting.ts";

/** How long a gain must have lasted, and how soon harm is left. */

const OTHER = "xe-2/other";

function by(otherMs: () => number): Setting {
  const setting = new Setting();
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? otherMs() : 40 });
  return setting;
}

/** Cycles until the first move; at most 120. */
function untilMoved(setting: Setting): number {
  const at = setting.run(120).findIndex(({ overrides }) => overrides.length > 0);
  return at < 0 ? 120 : at + 1;
}

test("a great gain that costs nothing if it ends is moved for within minutes", () => {
  let ms = 40;
  const setting = by(() => ms);
  setting.run(120);
  ms = 20;
  const cycles = untilMoved(setting);
  assert.ok(cycles >= 9 && cycles <= 10, `${cycles} cycles`);
});

test("a small gain takes longer to be told from chance than a great one", () => {
  const [small, great] = [36, 10].map((then) => {
    let ms = 40;
    const setting = by(() => ms);
    setting.run(120);
    ms = then;
    return untilMoved(setting);
  });
  assert.ok((small ?? 0) >= (great ?? 0) + 5, `${small} and ${great} cycles`);
});

test("a gain by a way that was much worse before must have lasted for what its end would cost", () => {
  const [risky, safe] = [50, 40].map((before) => {
    let ms = before;
    const setting = by(() => ms);
    setting.run(120);
    ms = 20;
    return untilMoved(setting);
  });
  assert.ok((risky ?? 0) >= (safe ?? 0) + 5 && (risky ?? 0) < 60, `${risky} and ${safe} cycles`);
});

test("great harm after a move is left after two cycles that show it, and that peer is remembered", () => {
  let ms = 20;
  const setting = by(() => ms);
  while (setting.run(1)[0]?.overrides.length === 0);
  setting.run(1);
  ms = 90;
  const [first, second] = setting.run(2).map(({ decisions }) => decisions[0]);
  assert.deepEqual([first?.action, second?.action, second?.rule], ["keep", "revert", "taken-back"]);
  assert.equal(
    setting
      .after(40)
      .peers()
      .find(({ peer }) => peer === OTHER)?.code,
    "remembered",
  );
});

test("a move that was left because its way began to lose is remembered too", () => {
  const setting = by(() => 20);
  setting.run(80);
  assert.equal(setting.decide().overrides.length, 1);
  setting.cell = (_, peer, cycle) =>
    peer === OTHER ? { rttMs: 20, lost: cycle % 3 === 0 ? 2 : 0 } : { rttMs: 40 };
  const back = setting
    .run(20)
    .flatMap(({ decisions }) => decisions)
    .find(({ action }) => action === "revert");
  assert.equal(back?.rule, "gain-gone");
  assert.equal(
    setting
      .after(1)
      .peers()
      .find(({ peer }) => peer === OTHER)?.code,
    "remembered",
  );
});

test("round trips from when a link was full are no evidence of later: what waited in its queue is not a gain", () => {
  const peers = [
    { name: "xe-1/near", capacityMbps: 100 },
    { name: OTHER, capacityMbps: 100 },
  ];
  const setting = new Setting({ peers });
  setting.route = (_, peer) => ({ asPath: peer === "xe-1/near" ? [64500] : [64501, 64600] });
  setting.demand.set(`blue-1 default ${setting.destinations[0]?.prefix}`, 200);
  let full = true;
  setting.loadMbps = (peer) => (peer === "xe-1/near" ? (full ? 99 : 50) : 10);
  setting.cell = (_, peer) => ({ rttMs: peer === OTHER ? 42 : full ? 80 : 40 });
  setting.run(60);
  full = false;
  for (const { overrides } of setting.run(60)) assert.deepEqual(overrides, []);
  assert.ok((setting.memory.peers.get("xe-1/near")?.fullMs ?? 0) >= setting.nowMs - 63 * CYCLE_MS);
});

test("a peer whose SID is not there is never moved to, whatever it shows", () => {
  const setting = by(() => 10);
  setting.up = (peer) => (peer === OTHER ? { sid: "lookup" } : {});
  const decision = setting.after(80);
  assert.deepEqual([decision.action, decision.peer], ["bgp", undefined]);
  assert.equal(decision.peers().find(({ peer }) => peer === OTHER)?.code, "sid-elsewhere");
});
