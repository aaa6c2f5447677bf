import assert from "node:assert/strict";
import { test } from "node:test";
import type { Egress } from "@vsix/shared/contract/up-egress.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import fc from "fast-check";
import { CYCLE_MS, HEADEND, Setting } from "../test-setting.ts";
import { EgressEvidence } from "./store.ts";
import { msOf, NO_TIME } from "./time-code.ts";
import { FLAG, tell } from "./view.ts";

const ADDRESS = "3fff::1";

function store(addresses: readonly string[] = [ADDRESS], slots = 10): EgressEvidence {
  const peers = new Map([
    ["xe-1/a", "xe-1"],
    ["xe-2/b", "xe-2"],
  ]);
  return new EgressEvidence({ addresses, peers, vantages: [HEADEND], slots });
}

function message(cycle: number, rttUs: number, more: Partial<Egress> = {}): Egress {
  const cell = { peer: 0, sent: 3, lost: 0, unsent: 0, rttsUs: [rttUs, rttUs + 100, rttUs + 200] };
  return {
    version: 1,
    node: HEADEND,
    instance: "run-1",
    cycle,
    shard: 0,
    shards: 1,
    startMs: 0,
    ageMs: CYCLE_MS,
    peers: ["xe-1/a"],
    rows: [{ address: ADDRESS, cells: [cell] }],
    ...more,
  };
}

function viewOf(evidence: EgressEvidence) {
  const view = evidence.view(new Set(), 0).cycles(HEADEND);
  assert.ok(view !== undefined);
  return view;
}

/** To the ten microseconds that short times are known to. */
function inUs(code = NO_TIME): number {
  return Math.round(msOf(code) * 100) * 10;
}

/** Medians of the first cell, oldest cycle first. */
function medians(evidence: EgressEvidence): number[] {
  const view = viewOf(evidence);
  return view.cycles.map(({ slot }) => inUs(view.rtts[slot])).reverse();
}

test("a cell's cycle is its median, its variation, and what was lost", () => {
  const evidence = store();
  const cell = {
    peer: 0,
    sent: 5,
    lost: 2,
    unsent: 0,
    rttsUs: [10_000, -1, 12_000, 14_000, -1],
    full: "too-big" as const,
    stray: 2,
  };
  assert.equal(
    evidence.takeCycle(
      message(1, 0, { rows: [{ address: ADDRESS, cells: [cell], backedOff: true }] }),
      100_000,
    ),
    "taken",
  );
  const view = viewOf(evidence);
  const slot = view.cycles[0]?.slot ?? -1;
  assert.deepEqual(
    [msOf(view.rtts[slot] ?? 0), msOf(view.jitters[slot] ?? 0), view.told[slot]],
    [12, 2, tell(5, 2, FLAG.tooBig | FLAG.stray | FLAG.backedOff)],
  );
  assert.deepEqual([view.cyclesOf[0], view.sentOf[0], view.lostOf[0], view.timesOf[0]], [1, 5, 2, 1]);
  assert.equal(view.cycles[0]?.beganMs, 100_000 - CYCLE_MS);
});

test("cycles that come late, twice or in another order are what they would have been", () => {
  const arrivals = [1, 2, 3, 4, 5].map((cycle) => ({
    message: message(cycle, cycle * 1000),
    atMs: cycle * CYCLE_MS + 50_000,
  }));
  const inOrder = store();
  for (const { message, atMs } of arrivals) inOrder.takeCycle(message, atMs);
  for (const order of [
    [4, 3, 2, 1, 0],
    [2, 0, 4, 2, 1, 1, 3, 0],
  ]) {
    const other = store();
    for (const at of order) {
      const one = arrivals[at];
      if (one !== undefined) other.takeCycle(one.message, one.atMs);
    }
    assert.deepEqual(medians(other), medians(inOrder));
    assert.deepEqual(viewOf(other).cycles, viewOf(inOrder).cycles);
  }
});

test("what the newest cycle told, and cycles with strays, are those of the cycles that are kept, in whatever order messages came", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          cycle: fc.integer({ min: 1, max: 12 }),
          shard: fc.integer({ min: 0, max: 2 }),
          stray: fc.integer({ min: 0, max: 1 }),
          run: fc.integer({ min: 0, max: 1 }),
        }),
        { maxLength: 30 },
      ),
      (arrivals) => {
        const evidence = store([ADDRESS], 4);
        for (const [at, { cycle, shard, stray, run }] of arrivals.entries()) {
          const cell = { peer: 0, sent: 5, lost: at % 5, unsent: 0, rttsUs: [1000], stray };
          const rows = [{ address: ADDRESS, cells: [cell] }];
          evidence.takeCycle(
            message(cycle, 0, { rows, shard, shards: 3, instance: `run-${run}` }),
            at * CYCLE_MS,
          );
        }
        const view = viewOf(evidence);
        const told = view.cycles.map(({ slot }) => view.told[slot] ?? 0);
        assert.equal(view.toldNow[0], told[0] ?? 0);
        assert.equal(view.straysOf[0], told.filter((one) => (one & FLAG.stray) !== 0).length);
      },
    ),
  );
});

test("only as many cycles are kept as there are slots, and what is older is late", () => {
  const evidence = store([ADDRESS], 4);
  for (let cycle = 1; cycle <= 9; cycle++) evidence.takeCycle(message(cycle, cycle * 1000), cycle * CYCLE_MS);
  assert.deepEqual(medians(evidence), [6100, 7100, 8100, 9100]);
  assert.equal(evidence.takeCycle(message(5, 5000), 9 * CYCLE_MS), "late");
  assert.equal(evidence.takeCycle(message(9, 1), 9 * CYCLE_MS), "twice");
  assert.deepEqual(medians(evidence), [6100, 7100, 8100, 9100]);
});

test("a cycle that was held up on its way began before the one that followed it", () => {
  const evidence = store();
  evidence.takeCycle(message(2, 1000), 100_000);
  evidence.takeCycle(message(1, 1000), 5_000_000);
  assert.deepEqual(
    viewOf(evidence).cycles.map(({ beganMs }) => beganMs),
    [70_000, 70_000],
  );
});

test("an agent that was started anew counts from 1; what comes late from its run before is none of its cycles", () => {
  const evidence = store();
  for (let cycle = 1; cycle <= 5; cycle++) evidence.takeCycle(message(cycle, 1000), cycle * CYCLE_MS);
  const anew = { instance: "run-2" };
  assert.equal(evidence.takeCycle(message(1, 7000, anew), 7 * CYCLE_MS), "taken");
  assert.deepEqual(medians(evidence), [7100]);
  assert.equal(evidence.takeCycle(message(6, 1000), 7 * CYCLE_MS), "previous-run");
  assert.deepEqual(medians(evidence), [7100]);
});

test("the wall clock of a node is never asked", () => {
  const evidence = store();
  for (const [cycle, startMs] of [
    [1, 1e12],
    [2, 5],
    [3, -1e15],
  ] as const)
    assert.equal(evidence.takeCycle(message(cycle, 1000, { startMs }), cycle * CYCLE_MS), "taken");
  assert.deepEqual(
    viewOf(evidence).cycles.map(({ beganMs }) => beganMs),
    [2 * CYCLE_MS, CYCLE_MS, 0],
  );
});

test("a cycle that cannot have begun yet is refused: it would make all that follow late", () => {
  const evidence = store();
  evidence.takeCycle(message(1, 1000), CYCLE_MS);
  assert.equal(evidence.takeCycle(message(2 ** 40, 1000), 2 * CYCLE_MS), "impossible");
  assert.equal(evidence.takeCycle(message(2, 2000), 2 * CYCLE_MS), "taken");
});

test("nodes, destinations and peers that are not in the plan leave nothing behind", () => {
  const evidence = store();
  assert.equal(evidence.takeCycle(message(1, 1000, { node: "stranger" }), 0), "stranger");
  const cell = { peer: 0, sent: 1, lost: 0, unsent: 0, rttsUs: [1] };
  const rows = [
    { address: "3fff::2", cells: [cell] },
    {
      address: ADDRESS,
      cells: [
        { ...cell, peer: 1 },
        { ...cell, peer: 63 },
      ],
    },
  ];
  evidence.takeCycle(message(1, 1000, { rows, peers: ["xe-1/a", "xe-9/z"] }), CYCLE_MS);
  const view = viewOf(evidence);
  assert.deepEqual([view.rowOf("3fff::2"), view.told.reduce((sum, one) => sum + one, 0)], [undefined, 0]);
  assert.deepEqual(
    [...evidence.counts],
    [
      ["stranger", 1],
      ["taken", 1],
    ],
  );
});

test("counts that contradict each other are taken at their worst", () => {
  const evidence = store();
  const cell = { peer: 0, sent: 3, lost: 0, unsent: 0, rttsUs: [1000] };
  evidence.takeCycle(message(1, 0, { rows: [{ address: ADDRESS, cells: [cell] }] }), CYCLE_MS);
  const view = viewOf(evidence);
  const slot = view.cycles[0]?.slot ?? -1;
  assert.deepEqual([view.told[slot], view.rtts[slot]], [tell(3, 2, 0), NO_TIME]);
});

test("another plan keeps what is known of destinations that stay", () => {
  const evidence = store();
  for (let cycle = 1; cycle <= 3; cycle++) evidence.takeCycle(message(cycle, cycle * 1000), cycle * CYCLE_MS);
  const peers = new Map([
    ["xe-2/b", "xe-2"],
    ["xe-1/a", "xe-1"],
  ]);
  evidence.replan({ addresses: ["3fff::7", ADDRESS], peers, vantages: [HEADEND], slots: 10 });
  const view = viewOf(evidence);
  const row = view.rowOf(ADDRESS) ?? -1;
  const seen = view.cycles.map(({ slot }) => inUs(view.rtts[(row * 2 + 1) * view.slots + slot]));
  assert.deepEqual(seen, [3100, 2100, 1100]);
});

test("a hundred thousand destinations are refused with what would fit, and the plan before goes on", () => {
  const evidence = store();
  evidence.takeCycle(message(1, 1000), CYCLE_MS);
  const addresses = Array.from({ length: 100_000 }, (_, at) => `3fff::${at.toString(16)}`);
  const peers = new Map(Array.from({ length: 8 }, (_, at) => [`xe-1/p${at}`, "xe-1"]));
  assert.throws(
    () => evidence.replan({ addresses, peers, vantages: ["a", "b"], slots: 60 }),
    (error: unknown) =>
      error instanceof VsixError &&
      error.code === "epe-too-large" &&
      /at most 88534 destinations fit/.test(error.message),
  );
  assert.deepEqual(medians(evidence), [1100]);
});

test("a load is counted from octets, and a counter that was made anew does not make one", () => {
  const setting = new Setting();
  setting.loadMbps = () => 80;
  setting.measure(4);
  const load = () => setting.store.view(new Set(), setting.nowMs).peer("xe-1/near")?.load?.mbps;
  assert.ok(Math.abs((load() ?? 0) - 80) < 0.01, `${load()}`);
  const peers = [
    { name: "xe-1/near", state: "ESTABLISHED", forMs: 1, received: 0, sid: "peer" as const, txOctets: 5 },
  ];
  setting.nowMs += CYCLE_MS;
  setting.store.takeRoutes({ ...setting.routes("xe-1"), peers, rows: [] }, setting.nowMs);
  assert.equal(load(), undefined);
});

test("routes of a run that was replaced, and tellings before the last, leave nothing behind, whatever the node's clock says", () => {
  const setting = new Setting();
  const told = (instance: string, sequence: number, state: string, at = "2026-01-01T00:00:00Z") => ({
    ...setting.routes("xe-1"),
    ...{ instance, sequence, at, rows: [] },
    peers: [{ name: "xe-1/near", state, forMs: 1, received: 0, sid: "peer" as const }],
  });
  const take = (...message: Parameters<typeof told>) =>
    setting.store.takeRoutes(told(...message), setting.nowMs);
  const up = () => setting.store.view(new Set(), setting.nowMs).peer("xe-1/near")?.established;
  assert.equal(take("run-1", 7, "established"), "taken");
  assert.equal(take("run-1", 6, "active", "2026-01-02T00:00:00Z"), "late");
  assert.equal(take("run-1", 7, "established"), "taken", "another shard of the same");
  assert.equal(take("run-2", 1, "active", "2025-01-01T00:00:00Z"), "taken");
  assert.equal(take("run-1", 8, "established", "2026-01-03T00:00:00Z"), "previous-run");
  assert.equal(up(), false);
  assert.equal(take("run-2", 2, "established", "2025-01-01T00:00:00Z"), "taken");
  assert.equal(up(), true);
  // Whoever took an old message for the newest gets over it.
  assert.deepEqual(
    [1, 2, 3].map(() => take("run-1", 9, "active")),
    ["previous-run", "previous-run", "taken"],
  );
});

test("routes that are told again as they were stay the same list, and another one is another", () => {
  const setting = new Setting();
  const told = () =>
    setting.store.view(new Set(), setting.nowMs).routes("xe-1", setting.destinations[0]?.address ?? "", 0);
  setting.measure(1);
  const first = told();
  setting.measure(1);
  assert.equal(told(), first);
  setting.route = () => ({ asPath: [64500] });
  setting.measure(1);
  assert.deepEqual(
    told()?.map(({ length }) => length),
    [1, 1],
  );
});
