import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RecordedChange } from "./likely.ts";
import { levelOf, VERDICT_KINDS, type VerdictKind } from "./verdict.ts";
import { acknowledge, endSilence, observe, silence, tick } from "./watch.ts";
import { DEFAULT_WATCH, newWatch, type PathEvent, type Sighting, type WatchState } from "./watch-state.ts";

const CYCLE = 10_000;
const T0 = 1_000_000_000;

interface Look {
  readonly kind: VerdictKind;
  readonly plane?: string;
  readonly nodes?: readonly string[];
}

function sighting({ kind, plane = "blue", nodes = [] }: Look, at: number): Sighting {
  return {
    kind,
    level: levelOf(kind),
    words: kind,
    planes: [plane],
    nodes,
    startedAt: at - 2000,
    endedAt: at,
  };
}

/** One watch, a look per cycle. */
class Watch {
  state: WatchState = newWatch("edge-1", "far", "2001:db8::1");
  at = T0;
  events: PathEvent[] = [];
  settings = DEFAULT_WATCH;
  changes: readonly RecordedChange[] = [];

  see(...looks: readonly (VerdictKind | Look)[]): readonly PathEvent[] {
    const from = this.events.length;
    for (const look of looks) {
      this.at += CYCLE;
      const seen = sighting(typeof look === "string" ? { kind: look } : look, this.at);
      const step = observe(this.state, seen, this.at, this.changes, this.settings);
      this.state = step.state;
      this.events.push(...step.events);
    }
    return this.events.slice(from);
  }

  pass(ms: number): readonly PathEvent[] {
    this.at += ms;
    // Traces went on coming.
    const step = tick({ ...this.state, lastAt: this.at }, this.at, this.changes, this.settings);
    this.state = step.state;
    this.events.push(...step.events);
    return step.events;
  }

  told(): readonly string[] {
    return this.events.filter(({ withheld }) => withheld === undefined).map(shown);
  }
}

function shown({ type, before, after }: PathEvent): string {
  return `${type}: ${before?.kind ?? "?"} -> ${after.kind}`;
}

function well(): Watch {
  const watch = new Watch();
  watch.see("as-expected", "as-expected");
  return watch;
}

const [GOOD, BAD, DEAD] = ["as-expected", "path-changed", "destination-unreachable"] as const;

test("a path that is well from the start is logged, and nobody is told", () => {
  const watch = well();
  assert.deepEqual(watch.events.map(shown), ["first: ? -> as-expected"]);
  assert.deepEqual(watch.told(), []);
});

test("a path that is wrong from the start is told", () => {
  const watch = new Watch();
  watch.see(BAD, BAD);
  assert.deepEqual(watch.told(), ["first: ? -> path-changed"]);
});

test("a change is told once, within two cycles, and so is the recovery", () => {
  const watch = well();
  const [changed, ...none] = watch.see(BAD, BAD);
  assert.deepEqual(none, []);
  assert.deepEqual([changed?.type, changed?.level, changed?.withheld], ["changed", "alarm", undefined]);
  watch.see(BAD, BAD, BAD);
  watch.see(GOOD, GOOD, GOOD);
  assert.deepEqual(watch.told(), [
    "changed: as-expected -> path-changed",
    "recovered: path-changed -> as-expected",
  ]);
  assert.equal(watch.events.at(-1)?.lastedMs, 5 * CYCLE);
});

test("a change carries the last look before it, not the first", () => {
  const watch = well();
  watch.see(GOOD, GOOD);
  const last = watch.at;
  const [changed] = watch.see(BAD, BAD);
  assert.equal(changed?.before?.endedAt, last);
});

test("one bad look in three says nothing", () => {
  const watch = well();
  watch.see(BAD, GOOD, GOOD, BAD, GOOD, GOOD, DEAD, GOOD);
  assert.deepEqual(watch.told(), []);
});

test("a path that is wrong in another way each time is wrong", () => {
  const watch = well();
  watch.see(BAD, DEAD);
  assert.deepEqual(watch.told(), ["changed: as-expected -> destination-unreachable"]);
});

test("silent hops and limited answers are logged, not told, unless that is asked for", () => {
  const watch = well();
  watch.see("hop-silent", "hop-silent", GOOD, GOOD, "hop-rate-limiting", "hop-rate-limiting");
  assert.deepEqual(watch.told(), []);
  assert.equal(watch.events.filter(({ withheld }) => withheld === "minor").length, 4);
  const eager = well();
  eager.settings = { ...DEFAULT_WATCH, least: "notice" };
  eager.see("hop-silent", "hop-silent");
  assert.deepEqual(eager.told(), ["changed: as-expected -> hop-silent"]);
});

test("a move between allowed planes is logged with both planes", () => {
  const watch = well();
  const green = { kind: GOOD, plane: "green" } as const;
  const [moved, ...none] = watch.see(green, green, green);
  assert.deepEqual(none, []);
  assert.deepEqual([moved?.type, moved?.withheld], ["plane-moved", "minor"]);
  assert.deepEqual([moved?.before?.planes, moved?.after.planes], [["blue"], ["green"]]);
});

test("what goes to and fro is told as flapping, then held back, then told to have settled", () => {
  const watch = well();
  for (let i = 0; i < 10; i++) watch.see(BAD, BAD, GOOD, GOOD);
  const told = watch.told();
  assert.equal(told.at(-1), "flapping: path-changed -> as-expected");
  assert.ok(told.length < 6, told.join("\n"));
  assert.ok(watch.events.some(({ withheld }) => withheld === "damped"));
  watch.see(BAD, BAD);
  watch.pass(11 * 60_000);
  assert.equal(watch.told().at(-1), "settled: as-expected -> path-changed");
  assert.equal(watch.pass(CYCLE).length, 0);
});

test("nothing is told while silenced; what is different afterwards is told when that ends", () => {
  const watch = well();
  watch.state = silence(watch.state, { by: "alice", until: watch.at + 60_000, reason: "work" });
  const [withheld] = watch.see(BAD, BAD);
  assert.equal(withheld?.withheld, "silenced");
  watch.pass(60_000);
  assert.deepEqual(watch.told(), ["changed: as-expected -> path-changed"]);
  assert.equal(watch.state.silence, undefined);
});

test("what came and went while silenced is never told", () => {
  const watch = well();
  watch.state = silence(watch.state, { by: "alice", until: watch.at + 600_000, reason: "work" });
  watch.see(BAD, BAD, GOOD, GOOD);
  watch.state = endSilence(watch.state);
  watch.see(GOOD);
  watch.pass(CYCLE);
  assert.deepEqual(watch.told(), []);
});

test("who acknowledges hears of it again when it is worse or well, and is named then", () => {
  const watch = well();
  assert.equal(acknowledge(watch.state, { by: "bob", at: watch.at, note: "" }), undefined);
  watch.see("path-changed", "path-changed");
  watch.state = acknowledge(watch.state, { by: "bob", at: watch.at, note: "mine" }) ?? watch.state;
  const [lesser] = watch.see("lossy-or-slow", "lossy-or-slow");
  assert.equal(lesser?.withheld, "acknowledged");
  const [worse] = watch.see("destination-unreachable", "destination-unreachable");
  assert.equal(worse?.withheld, undefined);
  watch.state = acknowledge(watch.state, { by: "bob", at: watch.at, note: "mine" }) ?? watch.state;
  const [well_] = watch.see(GOOD, GOOD);
  assert.deepEqual([well_?.type, well_?.acknowledged?.by, well_?.withheld], ["recovered", "bob", undefined]);
  assert.equal(watch.state.acknowledged, undefined);
});

test("no trace for too long is told, and the first ones after it too", () => {
  const watch = well();
  const at = watch.at + DEFAULT_WATCH.staleAfterMs;
  let step = tick(watch.state, at, [], DEFAULT_WATCH);
  assert.deepEqual(step.events, []);
  for (const later of [1, 2, 3]) {
    step = tick(step.state, at + later * 1000, [], DEFAULT_WATCH);
    watch.events.push(...step.events);
  }
  assert.deepEqual(watch.told(), ["changed: as-expected -> not-measured"]);
  assert.match(watch.events.at(-1)?.after.words ?? "", /no trace for 47 s/);
  watch.state = step.state;
  watch.see(GOOD, GOOD);
  assert.equal(watch.told().at(-1), "recovered: not-measured -> as-expected");
});

test("the likely cause is the last change that names the path, before one that does not", () => {
  const change = (id: number, at: number, detail: unknown) => ({
    id,
    at,
    who: "alice",
    what: `steer ${id}`,
    detail,
  });
  const watch = well();
  watch.changes = [
    change(1, T0 - 600_000, { edge: "edge-1" }),
    change(2, watch.at + 3000, { edge: "edge-1", to: { plane: "green" } }),
    change(3, watch.at + 5000, { edge: "edge-9" }),
    change(4, watch.at + 15_000, { edge: "edge-1" }),
  ];
  const [changed] = watch.see(
    { kind: "plane-changed", plane: "green" },
    { kind: "plane-changed", plane: "green" },
  );
  assert.equal(changed?.likely?.id, 2);
  assert.deepEqual(changed?.likely?.concerns, ["edge-1", "green"]);
  assert.match(changed?.likely?.words ?? "", /^likely caused by: steer 2 by alice, 7 s before/);
});

test("a change that names nothing of the path is named only when it was near, and not called likely", () => {
  const detail = { edge: "edge-9" };
  const near = well();
  near.changes = [{ at: near.at - 30_000, who: "alice", what: "steer", detail }];
  assert.match(
    near.see(BAD, BAD)[0]?.likely?.words ?? "",
    /^no change names this path; the last one was steer by alice/,
  );
  const far = well();
  far.changes = [{ at: far.at - 200_000, who: "alice", what: "steer", detail }];
  assert.equal(far.see(BAD, BAD)[0]?.likely, undefined);
  far.changes = [{ at: far.at - 100_000, who: "alice", what: "apply", detail, everything: true }];
  assert.match(far.see(GOOD, GOOD)[0]?.likely?.words ?? "", /may concern every node/);
});

test("a state survives being written as JSON", () => {
  const watch = well();
  watch.see(BAD, BAD);
  assert.deepEqual(JSON.parse(JSON.stringify(watch.state)), watch.state);
});

const action = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...VERDICT_KINDS) },
  { weight: 1, arbitrary: fc.constant("silence" as const) },
  { weight: 1, arbitrary: fc.constant("acknowledge" as const) },
);

test("whatever happens, once it is quiet people believe what is so; and never is the same told twice", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.constantFrom(...VERDICT_KINDS), (actions, kind) => {
      const watch = new Watch();
      for (const act of actions) {
        if (act === "silence") {
          watch.state = silence(watch.state, { by: "a", until: watch.at + 5 * CYCLE, reason: "" });
        } else if (act === "acknowledge") {
          watch.state = acknowledge(watch.state, { by: "a", at: watch.at, note: "" }) ?? watch.state;
        } else watch.see(act);
      }
      watch.see(kind, kind, kind);
      watch.pass(30 * 60_000);
      watch.see(kind);
      const good = (one: VerdictKind): string =>
        levelOf(one) === "fine" || levelOf(one) === "notice" ? "good" : one;
      let believed = "good";
      for (const event of watch.events) {
        if (event.withheld === undefined) {
          const lasting = event.type === "flapping" || event.type === "settled";
          assert.ok(lasting || good(event.after.kind) !== believed, `${believed} again: ${shown(event)}`);
        }
        if (event.withheld === undefined || event.withheld === "acknowledged")
          believed = good(event.after.kind);
      }
      assert.equal(believed, good(kind));
      assert.equal(watch.state.damping.suppressed, false);
      assert.equal(watch.state.flapping, undefined);
    }),
    { numRuns: 500 },
  );
});
