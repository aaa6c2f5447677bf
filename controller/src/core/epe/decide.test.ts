import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADEND, Setting } from "./test-setting.ts";
import { explain } from "./words.ts";

/** BGP takes xe-1/near: equal paths, and xe-1 is the nearer exit. */
function farIsBetter(byMs: number): Setting {
  const setting = new Setting();
  setting.cell = (_, peer) => ({ rttMs: peer === "xe-2/other" ? 40 - byMs : 40 });
  return setting;
}

test("a peer that is surely better by enough is moved to once its gain has been seen for long enough, and kept", () => {
  const setting = farIsBetter(15);
  // Of a gain that is more than twice what is needed, what it loses is known well enough after a fifth of lossCycles.
  for (const outcome of setting.run(23)) assert.deepEqual(outcome.overrides, []);
  const moved = setting.after(1);
  assert.deepEqual(
    [moved.action, moved.rule, moved.peer, moved.bgp],
    ["move", "gain", "xe-2/other", "xe-1/far"],
  );
  assert.ok(moved.comparison !== undefined && Math.abs(moved.comparison.gainMs - 15) < 0.5);
  // The cycle during which it moved proves nothing.
  const checking = setting.after(6);
  assert.deepEqual([checking.action, checking.rule], ["keep", "checking"]);
  const kept = setting.after(1);
  assert.deepEqual([kept.action, kept.rule], ["keep", "gain"]);
  assert.equal(setting.memory.accounts.kept, 1);
  assert.deepEqual(setting.decide().overrides, [
    { node: HEADEND, className: "default", prefix: kept.prefix, peer: "xe-2/other" },
  ]);
});

test("a small gain waits until two fifths of lossCycles were seen: nobody knows what it loses", () => {
  const setting = farIsBetter(3.1);
  for (const outcome of setting.run(46)) assert.deepEqual(outcome.overrides, []);
  assert.equal(setting.run(3).at(-1)?.overrides.length, 1);
});

test("a gain that is too small moves nothing, and explain says why not each other peer", () => {
  const setting = farIsBetter(2);
  const decision = setting.after(40);
  assert.deepEqual([decision.action, decision.rule, decision.peer], ["bgp", "bgp-best", undefined]);
  assert.equal(setting.memory.accounts.moves, 0);
  const text = explain(decision, 1500).join("\n");
  for (const peer of ["xe-1/near", "xe-1/far", "xe-2/other"]) assert.match(text, new RegExp(`  ${peer}: `));
  assert.match(text, /not enough better/);
});

test("by a destination that answers nobody nothing is decided", () => {
  const setting = new Setting();
  setting.cell = () => ({ lost: 5 });
  assert.deepEqual([setting.after(40).action, setting.after(1).rule], ["bgp", "silent"]);
});

test("a peer by which another host answers is no candidate, and where BGP's own is that one nothing is decided", () => {
  const liar = (odd: string): Setting => {
    const setting = farIsBetter(20);
    const { cell } = setting;
    setting.cell = (destination, peer, cycle) => ({
      ...cell(destination, peer, cycle),
      hopLimit: peer === odd ? 61 : 52,
    });
    return setting;
  };
  const refused = liar("xe-2/other").after(40);
  assert.equal(refused.peer, undefined);
  assert.equal(refused.peers().find(({ peer }) => peer === "xe-2/other")?.code, "somebody-else");
  assert.equal(liar("xe-1/far").after(40).rule, "inconsistent");
});

test("a host that limits its answers is judged by those that it gives, and what it does not answer is no loss", () => {
  const setting = farIsBetter(20);
  const { egress } = setting;
  const { cell } = setting;
  // One or two of five, by every peer, more of them now by this one, now by that.
  setting.cell = (destination, peer, cycle) => ({
    ...cell(destination, peer, cycle),
    lost: 3 + ((cycle * 7 + peer.length) % 2),
  });
  setting.egress = (cycle) => {
    const message = egress.call(setting, cycle);
    return { ...message, rows: message.rows.map((row) => ({ ...row, backedOff: true })) };
  };
  assert.equal(setting.run(60).at(-1)?.overrides[0]?.peer, "xe-2/other");
});

test("answers that prove nothing, cycle after cycle, forbid a decision", () => {
  const setting = farIsBetter(20);
  const { cell } = setting;
  setting.cell = (destination, peer, cycle) => ({ ...cell(destination, peer, cycle), stray: cycle % 2 });
  assert.equal(setting.after(40).rule, "inconsistent");
});

test("loss is a gain once it is proven, and a hole that BGP chose is left within minutes", () => {
  const lossy = new Setting();
  lossy.cell = (_, peer, cycle) => ({ lost: peer === "xe-1/far" && cycle % 2 === 0 ? 1 : 0 });
  const moved = lossy.after(60);
  assert.equal(moved.action, "keep");
  const hole = new Setting();
  hole.run(30);
  hole.cell = (_, peer) => ({ lost: peer === "xe-1/far" ? 5 : 0 });
  const cycles = hole.run(30).findIndex(({ overrides }) => overrides.length > 0);
  assert.ok(cycles >= 0 && cycles < 12, `${cycles} cycles`);
});

test("nothing moves while one External Edge has not told its routes, nor for an origin that is never probed", () => {
  const silent = farIsBetter(20);
  silent.store.takeRoutes = () => "stranger";
  assert.equal(silent.after(40).rule, "bgp-unknown");
  const never = new Setting({ policy: { neverAs: new Set([64600]) } });
  never.cell = (_, peer) => ({ rttMs: peer === "xe-2/other" ? 20 : 40 });
  assert.deepEqual([never.after(40).rule, never.after(1).peer], ["excluded", undefined]);
});

test("bad paths are told once when they begin and once when they end, with their evidence", () => {
  const setting = farIsBetter(0);
  // The report's case: five AS, of which BGP is not shown the shorter way because our policy prefers another exit.
  setting.route = (_, peer) =>
    peer === "xe-2/other" ? { asPath: [1, 2, 3] } : { asPath: [4, 5, 6, 7, 3], best: peer === "xe-1/near" };
  setting.cell = (_, peer) => ({ rttMs: peer === "xe-2/other" ? 30 : 80 });
  const told = setting.run(50).flatMap(({ events }) => events);
  assert.deepEqual(
    told.map(({ kind, change, peer, than }) => [kind, change, peer, than]),
    [
      ["longer-as-path", "begins", "xe-1/near", "xe-2/other"],
      ["inflated-rtt", "begins", "xe-1/near", "xe-2/other"],
    ],
  );
  assert.match(told[0]?.evidence ?? "", /xe-1\/near over 5 AS \(4 5 6 7 3\), xe-2\/other over 3 \(1 2 3\)/);
  setting.route = (_, peer) => ({ asPath: [4, 3], best: peer === "xe-1/near" });
  setting.cell = () => ({ rttMs: 30 });
  const over = setting.run(50).flatMap(({ events }) => events.map(({ kind, change }) => `${kind} ${change}`));
  assert.deepEqual(over.toSorted(), [
    "inflated-rtt ends",
    "longer-as-path ends",
    "path-changed once",
    "path-changed once",
  ]);
});
