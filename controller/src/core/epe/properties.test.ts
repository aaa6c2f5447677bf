import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide } from "./decide.ts";
import { type EpeOutcome, tellAll } from "./decision.ts";
import { newMemory } from "./memory.ts";
import { type Cell, PEERS, type Route, Setting } from "./test-setting.ts";

/** What must hold whatever the evidence. Small networks with anything in them; each run is a few dozen decisions. */

const NAMES = PEERS.map(({ name }) => name);
const DESTINATIONS = 4;
const RUNS = { numRuns: 20, seed: 4690 } as const;

interface World {
  readonly cells: readonly (readonly Cell[])[];
  readonly routes: readonly (readonly Route[])[];
  readonly loads: readonly (number | undefined)[];
  readonly down: readonly boolean[];
  readonly demands: readonly number[];
}

/** Mostly well: what is always broken shows nothing. */
const mostly = <T>(well: T, ...ill: readonly T[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(well) },
    { weight: ill.length, arbitrary: fc.constantFrom(...ill) },
  );
const cell = fc.record({
  rttMs: fc.integer({ min: 1, max: 100 }),
  lost: mostly(0, 1, 3, 5),
  full: mostly<NonNullable<Cell["full"]>>("arrived", "lost", "too-big"),
  hopLimit: mostly(52, 61),
});
const route: fc.Arbitrary<Route> = fc.oneof(
  { weight: 1, arbitrary: fc.constant("none" as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      asPath: fc.array(fc.integer({ min: 64500, max: 64510 }), { minLength: 1, maxLength: 5 }),
      filtered: mostly(false, true),
    }),
  },
);
const each = <T>(one: fc.Arbitrary<T>) =>
  fc.array(fc.array(one, { minLength: NAMES.length, maxLength: NAMES.length }), {
    minLength: DESTINATIONS,
    maxLength: DESTINATIONS,
  });
const world: fc.Arbitrary<World> = fc.record({
  cells: each(cell),
  routes: each(route),
  loads: fc.array(fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }), {
    minLength: 3,
    maxLength: 3,
  }),
  down: fc.array(mostly(false, true), { minLength: 3, maxLength: 3 }),
  demands: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: DESTINATIONS, maxLength: DESTINATIONS }),
});

const CAPACITY_MBPS = 100;
const CAPS = { maxMovesPerCycle: 2, maxMbpsPerCycle: 25 };

function settingOf(
  worlds: readonly World[],
  unlimited = false,
): {
  readonly setting: Setting;
  readonly take: (at: number) => void;
} {
  const setting = new Setting({
    destinations: DESTINATIONS,
    peers: NAMES.map((name) => ({ name, ...(unlimited ? {} : { capacityMbps: CAPACITY_MBPS }) })),
    numbers: { ...CAPS, holdS: 60 },
  });
  const take = (at: number): void => {
    const now = worlds[at];
    if (now === undefined) return;
    const position = (peer: string): number => NAMES.indexOf(peer as (typeof NAMES)[number]);
    setting.cell = (destination, peer) => now.cells[destination]?.[position(peer)] ?? {};
    setting.route = (destination, peer) => now.routes[destination]?.[position(peer)] ?? "none";
    setting.loadMbps = (peer) => now.loads[position(peer)];
    setting.up = (peer) => ({ established: now.down[position(peer)] !== true });
    for (const [destination, mbps] of now.demands.entries())
      setting.demand.set(`blue-1 default ${setting.destinations[destination]?.prefix}`, mbps);
  };
  return { setting, take };
}

/** Some worlds one after the other, each for a while; what was decided in each cycle, looked at as it is decided. */
function live(
  worlds: readonly World[],
  look: (setting: Setting, outcome: EpeOutcome, now: World) => void,
): void {
  const { setting, take } = settingOf(worlds);
  for (const [at, now] of worlds.entries()) {
    take(at);
    for (let cycle = 0; cycle < 45; cycle++) {
      const [outcome] = setting.run(1);
      if (outcome !== undefined) look(setting, outcome, now);
    }
  }
}

test("nothing is ever moved to, or left at, a peer that cannot take it", () => {
  let moves = 0;
  fc.assert(
    fc.property(fc.array(world, { minLength: 2, maxLength: 3 }), (worlds) => {
      live(worlds, (setting, { decisions, overrides }, now) => {
        moves += decisions.filter(({ action }) => action === "move").length;
        for (const { prefix, peer } of overrides) {
          const destination = setting.destinations.findIndex((one) => one.prefix === prefix);
          const at = NAMES.indexOf(peer as (typeof NAMES)[number]);
          const route = now.routes[destination]?.[at];
          assert.ok(now.down[at] !== true, "its session is down");
          assert.ok(route !== undefined && route !== "none", "it announces nothing");
          assert.ok(route.filtered !== true, "its route is refused");
        }
      });
    }),
    RUNS,
  );
  assert.ok(moves > 10, `only ${moves} moves: this shows nothing`);
});

test("no cycle moves more prefixes or traffic than the caps allow, nor onto a link beyond its share", () => {
  let moves = 0;
  fc.assert(
    fc.property(fc.array(world, { minLength: 2, maxLength: 3 }), (worlds) => {
      live(worlds, (setting, { decisions, loads }) => {
        const moved = decisions.filter(({ action, rule }) => action === "move" || rule === "restored");
        const mbps = moved.reduce(
          (sum, { prefix }) => sum + (setting.demand.get(`blue-1 default ${prefix}`) ?? 0),
          0,
        );
        assert.ok(moved.length <= CAPS.maxMovesPerCycle && mbps <= CAPS.maxMbpsPerCycle);
        moves += moved.length;
        for (const { peer } of moved) {
          const load = loads.find((one) => one.peer === peer);
          if (peer !== undefined)
            assert.ok((load?.afterMbps ?? 0) <= 0.9 * CAPACITY_MBPS + 1e-9, JSON.stringify(load));
        }
      });
    }),
    RUNS,
  );
  assert.ok(moves > 10, `only ${moves} moves: this shows nothing`);
});

test("a second decision by the same evidence, at the same time, moves nothing and wants the same", () => {
  fc.assert(
    fc.property(world, (only) => {
      live([only, only], (setting, first) => {
        const again = decide({
          policy: { ...setting.policy, numbers: { ...setting.policy.numbers, maxMovesPerCycle: 1 } },
          destinations: setting.destinations,
          evidence: setting.store.view(setting.alive, setting.nowMs, setting.demand),
          memory: first.memory,
          nowMs: setting.nowMs,
        });
        // What the caps held back in the first may go in the second: that is a new cycle's allowance.
        const held = first.decisions.some(({ rule }) => rule.startsWith("cap-"));
        if (held || first.decisions.some(({ action }) => action === "revert")) return;
        assert.deepEqual(
          again.decisions.filter(({ action }) => action === "move"),
          [],
        );
        assert.deepEqual(again.overrides, first.overrides);
        assert.deepEqual(again.memory.accounts, first.memory.accounts);
      });
    }),
    RUNS,
  );
});

test("the same evidence in any order of arrival gives the same decisions", () => {
  fc.assert(
    fc.property(world, fc.infiniteStream(fc.nat(1_000_000)), (only, numbers) => {
      const { setting, take } = settingOf([only], true);
      take(0);
      setting.measure(40);
      const shuffled = settingOf([only], true);
      shuffled.take(0);
      // The same cycles at the same times, told in another order, some of them twice.
      const arrivals = Array.from({ length: 40 }, (_, at) => ({
        message: setting.egress(at + 1),
        atMs: setting.nowMs - (39 - at) * setting.policy.cycleMs,
      }));
      const order = [...arrivals, ...arrivals.slice(5, 9)]
        .map((one) => ({ one, by: numbers.next().value ?? 0 }))
        .sort((a, b) => a.by - b.by);
      for (const { one } of order) shuffled.setting.store.takeCycle(one.message, one.atMs);
      shuffled.setting.nowMs = setting.nowMs - 30_000;
      shuffled.setting.cycle = 39;
      // Routes are state, and come last.
      shuffled.setting.measure(1);
      const decided = (of: Setting): EpeOutcome =>
        decide({
          policy: of.policy,
          destinations: of.destinations,
          evidence: of.store.view(of.alive, setting.nowMs, setting.demand),
          memory: newMemory("enforce"),
          nowMs: setting.nowMs,
        });
      assert.deepEqual(
        decided(shuffled.setting).decisions.map(tellAll),
        decided(setting).decisions.map(tellAll),
      );
    }),
    RUNS,
  );
});

test("the order in which destinations are asked does not matter to what is moved", () => {
  fc.assert(
    fc.property(world, (only) => {
      const { setting, take } = settingOf([only], true);
      take(0);
      setting.measure(40);
      const decided = (destinations: Setting["destinations"]): unknown =>
        decide({
          policy: setting.policy,
          destinations,
          evidence: setting.store.view(setting.alive, setting.nowMs, setting.demand),
          memory: newMemory("enforce"),
          nowMs: setting.nowMs,
        }).overrides.toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1));
      assert.deepEqual(decided(setting.destinations.toReversed()), decided(setting.destinations));
    }),
    RUNS,
  );
});
