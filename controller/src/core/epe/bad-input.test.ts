import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { decide } from "./decide.ts";
import type { EpeOutcome } from "./decision.ts";
import { newMemory } from "./memory.ts";
import { CYCLE_MS, Setting } from "./test-setting.ts";

/** What arrives that is not so, and what must not come of it: a wrong move. */

const OTHER = "xe-2/other";

function better(): Setting {
  const setting = new Setting({ destinations: 3 });
  setting.cell = (destination, peer) => ({ rttMs: peer === OTHER && destination === 1 ? 20 : 40 });
  return setting;
}

function moves(outcomes: readonly EpeOutcome[]): readonly string[] {
  return outcomes.flatMap(({ decisions }, at) =>
    decisions.flatMap(({ action, prefix, peer }) => (action === "move" ? [`${at} ${prefix} ${peer}`] : [])),
  );
}

test("answers that come twice, late, or of a run before are no more evidence than they were", () => {
  const [plain, noisy] = [better(), better()];
  const expected = moves(plain.run(90));
  const late: { readonly message: ReturnType<Setting["egress"]>; readonly atMs: number }[] = [];
  const outcomes: EpeOutcome[] = [];
  for (let cycle = 0; cycle < 90; cycle++) {
    noisy.measure(1);
    const message = noisy.egress();
    // The same once more, as if everything were 40 ms better; and what a run before would tell.
    const rows = message.rows.map((row) => ({
      ...row,
      cells: row.cells.map((cell) => ({ ...cell, rttsUs: cell.rttsUs.map(() => 1) })),
    }));
    assert.equal(noisy.store.takeCycle({ ...message, rows }, noisy.nowMs), "twice");
    const before = { ...message, rows, instance: "before", ageMs: 100 * CYCLE_MS };
    assert.equal(noisy.store.takeCycle(before, noisy.nowMs), "previous-run");
    late.push({ message: { ...message, rows }, atMs: noisy.nowMs });
    const old = late[cycle - 4];
    if (old !== undefined) assert.equal(noisy.store.takeCycle(old.message, old.atMs), "twice");
    outcomes.push(noisy.decide());
  }
  assert.deepEqual(moves(outcomes), expected);
  assert.equal(expected.length, 1);
});

test("wall clocks of nodes that are set back and forth by hours change nothing that is decided", () => {
  const [plain, stepped] = [better(), better()];
  const expected = moves(plain.run(90));
  const { routes, egress } = stepped;
  const stepMs = (): number => (stepped.cycle % 20 < 10 ? 0 : 3_600_000 * (stepped.cycle % 40 < 20 ? 1 : -1));
  stepped.routes = (via) => {
    const message = routes.call(stepped, via);
    return { ...message, at: new Date(Date.parse(message.at) + stepMs()).toISOString() };
  };
  stepped.egress = (cycle) => ({ ...egress.call(stepped, cycle), startMs: stepMs() });
  assert.deepEqual(moves(stepped.run(90)), expected);
});

test("a clock that was set back is believed again after a few messages: routes withdrawn meanwhile are seen", () => {
  const setting = better();
  setting.run(60);
  assert.equal(setting.decide().overrides.length, 1);
  const { routes } = setting;
  setting.route = (_, peer) => (peer === OTHER ? "none" : {});
  setting.routes = (via) => {
    const message = routes.call(setting, via);
    return { ...message, at: new Date(Date.parse(message.at) - 7_200_000).toISOString() };
  };
  const rules = setting.run(4).flatMap(({ decisions }) => decisions.map(({ rule }) => rule));
  assert.ok(rules.includes("withdrawn"), `${rules}`);
});

test("a hundred thousand destinations are decided upon in one go, with nothing kept of those that nothing is about", () => {
  const setting = new Setting({
    destinations: 100_000,
    numbers: { lossCycles: 30 },
    peers: [{ name: OTHER }],
  });
  const { memory, decisions } = setting.decide();
  assert.equal(decisions.length, 100_000);
  assert.equal(memory.rows.size, 0);
});

test("the same evidence gives the same decisions as ever", () => {
  const setting = new Setting({ destinations: 40 });
  const salt = (...of: readonly number[]): number =>
    of.reduce((sum, one) => (sum * 31 + one * 7919) % 1009, 17);
  setting.cell = (destination, peer, cycle) => {
    const at = peer.length * 5 + peer.charCodeAt(5);
    const gain = peer === OTHER ? (destination % 5) * 4 - 6 : 0;
    const later = cycle > 70 && destination % 7 === 3 ? 25 : 0;
    return {
      rttMs: 60 - gain + (peer === OTHER ? later : 0) + salt(destination, at, cycle) / 500,
      lost: salt(at, cycle, destination) < (destination % 8 === 1 && peer !== OTHER ? 90 : 2) ? 2 : 0,
      hopLimit: destination === 9 && peer === OTHER ? 61 : 52,
      full: destination === 11 && peer === OTHER ? "lost" : "arrived",
    };
  };
  const told = setting
    .run(110)
    .map(({ decisions }) =>
      decisions.map(({ action, rule, peer, comparison, peers }) => [
        action,
        rule,
        peer,
        comparison?.gainMs.toFixed(3),
        peers().map(({ code, rttMs, jitterMs, lost }) => [
          code,
          rttMs?.toFixed(3),
          jitterMs?.toFixed(3),
          lost,
        ]),
      ]),
    );
  const rules = new Set(told.flat().map(([, rule]) => rule));
  for (const rule of ["gain", "bgp-best", "checking", "gain-gone"])
    assert.ok(rules.has(rule), `${[...rules]}`);
  // Changes with the method; never by making it quicker.
  assert.equal(
    createHash("sha256").update(JSON.stringify(told)).digest("hex").slice(0, 16),
    "93f61aa7412380df",
  );
  const again = decide({
    policy: setting.policy,
    destinations: setting.destinations,
    evidence: setting.store.view(setting.alive, setting.nowMs, setting.demand),
    memory: newMemory("enforce"),
    nowMs: setting.nowMs,
  });
  assert.equal(again.decisions.length, 40);
});
