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
  for (const outcome of setting.run(19)) assert.deepEqual(outcome.overrides, []);
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

test("a gain that is too small moves nothing, and explain says why not each other peer", () => {
  const setting = farIsBetter(2);
  const decision = setting.after(40);
  assert.deepEqual([decision.action, decision.rule, decision.peer], ["bgp", "bgp-best", undefined]);
  assert.equal(setting.memory.accounts.moves, 0);
  const text = explain(decision, 1500).join("\n");
  for (const peer of ["xe-1/near", "xe-1/far", "xe-2/other"]) assert.match(text, new RegExp(`  ${peer}: `));
  assert.match(text, /not enough better/);
});
