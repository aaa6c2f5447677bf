import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BuiltHop, buildFlow, buildTrace } from "./build-trace.ts";
import type { RecordedChange } from "./likely.ts";
import { parseExpected } from "./parse.ts";
import { PathWatch, type PathWatchOptions } from "./path-watch.ts";
import type { Trace } from "./trace.ts";
import type { PathEvent } from "./watch-state.ts";

const HOPS = `version: 1
hops:
  blue-1: { plane: blue, addresses: ["2001:db8:b::1"] }
  green-1: { plane: green, addresses: ["2001:db8:9::1"] }
paths:
`;
const path = (source: string, target: string, address = "2001:db8:f::1"): string => `  - source: "${source}"
    target: { name: ${target}, address: "${address}" }
    allowed: [["plane: blue"]]
`;
const [BLUE, GREEN] = ["2001:db8:b::1", "2001:db8:9::1"];
const T0 = 1_000_000_000;
const CYCLE = 10_000;

function read(...paths: readonly string[]) {
  const result = parseExpected(HOPS + paths.join(""), "x");
  assert.ok(result.ok);
  return result.expected;
}

/** A watch with a clock, and what it said. */
class Watch {
  at = T0;
  readonly events: PathEvent[] = [];
  readonly told: PathEvent[] = [];
  changes: readonly RecordedChange[] = [];
  readonly watch: PathWatch;

  constructor(more: Partial<PathWatchOptions> = {}) {
    this.watch = new PathWatch({
      onEvent: (event) => this.events.push(event),
      onNotice: (event) => this.told.push(event),
      changes: () => this.changes,
      ...more,
    });
  }

  expect(...paths: readonly string[]): this {
    const expected = read(...paths);
    this.watch.setExpected(expected, expected.directory, this.at, ["edge-1", "edge-2"]);
    return this;
  }

  /** One cycle later this trace comes. */
  see(hops: readonly BuiltHop[], more: Partial<Trace> = {}) {
    this.at += CYCLE;
    const times = { startedAt: this.at - 2000, endedAt: this.at - 500 };
    const accepted = this.watch.accept(buildTrace([buildFlow(0, hops)], { ...times, ...more }), this.at);
    this.watch.tick(this.at);
    return accepted;
  }

  pass(ms: number): this {
    this.at += ms;
    this.watch.tick(this.at);
    this.watch.tick(this.at + 1000);
    return this;
  }

  kinds(events: readonly PathEvent[] = this.told): readonly string[] {
    return events.map(({ type, source, target, after }) => `${source} ${target} ${type} ${after.kind}`);
  }
}

const well = (): Watch => {
  const watch = new Watch().expect(path("edge-1", "far"));
  watch.see([BLUE]);
  watch.see([BLUE]);
  return watch;
};

test("a path in another plane is told once, with both traces, both planes and the change before it", () => {
  const watch = well();
  watch.changes = [
    { id: 7, at: watch.at + 3000, who: "alice", what: "edge.steer", detail: { edge: "edge-1" } },
  ];
  for (let i = 0; i < 5; i++) watch.see([GREEN]);
  assert.deepEqual(watch.kinds(), ["edge-1 far changed plane-changed"]);
  const [{ before, after, likely } = assert.fail()] = watch.told;
  assert.deepEqual([before?.planes, after.planes], [["blue"], ["green"]]);
  assert.deepEqual(
    [before, after].map((sighting) => sighting?.trace?.flows[0]?.hops[0]?.answers[0]?.address),
    [BLUE, GREEN],
  );
  assert.equal(likely?.id, 7);
  assert.deepEqual(watch.kinds(watch.events), [
    "edge-1 far first as-expected",
    "edge-1 far changed plane-changed",
  ]);
});

test("an expected path of which no trace ever comes is told, one from a source of * too", () => {
  const watch = new Watch().expect(path("*", "far"));
  assert.equal(watch.watch.list(watch.at).length, 2);
  watch.pass(44_000);
  assert.deepEqual(watch.told, []);
  watch.pass(2000);
  assert.deepEqual(watch.kinds(), ["edge-1 far first not-measured", "edge-2 far first not-measured"]);
});

test("traces of what nobody expects are not judged", () => {
  const watch = new Watch().expect(path("*", "far"));
  const strange: Partial<Trace>[] = [
    { source: "edge-3" },
    { source: "edge-1 far" },
    { target: "near" },
    { targetAddress: "2001:db8:f::2" },
    { targetAddress: "nonsense" },
  ];
  for (const more of strange) assert.equal(watch.see([BLUE], more).kind, "unexpected");
  assert.equal(watch.watch.list(watch.at).length, 2);
  assert.equal(watch.see([BLUE]).kind, "judged");
});

test("a trace that comes twice is looked at once, and one of a clock that was set back is looked at", () => {
  const watch = well();
  const again = { startedAt: watch.at - 2000, endedAt: watch.at - 500 };
  assert.equal(watch.see([GREEN], again).kind, "old");
  assert.equal(watch.see([GREEN], { startedAt: 1000, endedAt: 2000 }).kind, "judged");
});

test("a source whose clock is wrong is neither stale for it nor heard of too late", () => {
  for (const offset of [-3_600_000, 3_600_000]) {
    const watch = new Watch().expect(path("edge-1", "far"));
    const see = (hop: string): unknown =>
      watch.see([hop], { startedAt: watch.at + offset, endedAt: watch.at + offset + 1000 });
    see(BLUE);
    see(BLUE);
    see(BLUE);
    assert.deepEqual(watch.told, []);
    watch.pass(60_000);
    assert.deepEqual(watch.kinds(), ["edge-1 far changed not-measured"]);
  }
});

test("a path that is expected no longer is forgotten; one whose target moved begins anew", () => {
  const watch = new Watch().expect(path("edge-1", "far"), path("edge-2", "far"));
  watch.see([GREEN]);
  watch.see([GREEN]);
  watch.watch.takeChanged();
  watch.expect(path("edge-1", "far", "2001:db8:f::2"));
  const list = watch.watch.list(watch.at);
  assert.deepEqual(
    list.map(({ state }) => [state.source, state.targetAddress, state.current]),
    [["edge-1", "2001:db8:f::2", undefined]],
  );
  const changed = watch.watch.takeChanged();
  assert.deepEqual(
    changed.map(({ source, saved }) => [source, saved !== undefined]),
    [
      ["edge-1", true],
      ["edge-2", false],
    ],
  );
});

test("a silence of * holds every path, later ones too, and what is different after it is told", () => {
  const watch = new Watch().expect(path("edge-1", "far"));
  const until = watch.at + 5 * CYCLE;
  assert.ok(watch.watch.silence({ source: "*", target: "far", by: "bob", until, reason: "work" }));
  watch.expect(path("edge-1", "far"), path("edge-2", "far"));
  for (let i = 0; i < 2; i++) {
    watch.see([GREEN]);
    watch.see([GREEN], { source: "edge-2" });
  }
  assert.deepEqual(watch.told, []);
  assert.equal(watch.watch.list(watch.at)[1]?.state.silence?.by, "bob");
  assert.equal(watch.watch.endSilence("edge-1", "far"), false, "that was not what was ordered");
  assert.equal(watch.watch.endSilence("*", "far"), true);
  watch.see([GREEN]);
  watch.see([GREEN], { source: "edge-2" });
  assert.deepEqual(watch.kinds().toSorted(), [
    "edge-1 far changed plane-changed",
    "edge-2 far changed plane-changed",
  ]);
});

test("only what is wrong can be acknowledged", () => {
  const watch = well();
  const acknowledge = (target = "far") => watch.watch.acknowledge("edge-1", target, "bob", watch.at, "mine");
  assert.equal(acknowledge("near"), "unknown-path");
  assert.equal(acknowledge(), "nothing-wrong");
  watch.see([GREEN]);
  watch.see([GREEN]);
  assert.equal(acknowledge(), "acknowledged");
  watch.see([BLUE]);
  watch.see([BLUE]);
  assert.equal(watch.told.at(-1)?.acknowledged?.by, "bob");
});

test("a restart repeats no notice, keeps who acknowledged, and tells what is different", () => {
  const first = well();
  first.see([GREEN]);
  first.see([GREEN]);
  first.watch.acknowledge("edge-1", "far", "bob", first.at, "mine");
  const until = first.at + 3_600_000;
  first.watch.silence({ source: "edge-9", target: "*", by: "bob", until, reason: "" });
  const kept: unknown = JSON.parse(JSON.stringify(first.watch));

  const second = new Watch();
  second.at = first.at + 1_800_000;
  assert.ok(second.watch.restore(kept, second.at));
  second.expect(path("edge-1", "far"));
  second.watch.tick(second.at);
  second.see([GREEN]);
  second.see([GREEN]);
  assert.deepEqual(second.events, [], "half an hour without a controller is nobody's silence");
  assert.equal(second.watch.get("edge-1", "far", second.at)?.state.acknowledged?.note, "mine");
  assert.deepEqual(second.watch.silences.length, 1);
  second.see([BLUE]);
  second.see([BLUE]);
  assert.deepEqual(second.kinds(), ["edge-1 far recovered as-expected"]);
  assert.equal(second.told[0]?.before?.trace?.flows[0]?.hops[0]?.answers[0]?.address, GREEN);
});

test("each trace is kept once, and a state is told as changed only when there is news", () => {
  const watch = well();
  assert.equal(watch.watch.takeChanged().length, 1);
  watch.see([BLUE]);
  assert.deepEqual(watch.watch.takeChanged(), []);
  watch.see([GREEN]);
  watch.see([GREEN]);
  const [changed] = watch.watch.takeChanged();
  const traces = changed?.saved?.traces ?? [];
  assert.equal(new Set(traces.map((trace) => JSON.stringify(trace))).size, traces.length);
});

test("whatever is given to be restored, it is taken or left out, and the watch goes on", () => {
  const whole: unknown = JSON.parse(JSON.stringify(well().watch));
  const spoiled = fc
    .tuple(fc.nat(3000), fc.constantFrom("0", "null", '"', "[", "-1", "{}", "1e9"))
    .map(([place, text]) => {
      const json = JSON.stringify(whole);
      return json.slice(0, place % json.length) + text + json.slice((place % json.length) + 1);
    });
  fc.assert(
    fc.property(fc.oneof(spoiled, fc.json()), (text) => {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        return;
      }
      const watch = new Watch();
      watch.watch.restore(value, watch.at);
      watch.expect(path("edge-1", "far"));
      watch.see([GREEN]);
      watch.see([GREEN]);
      JSON.stringify(watch.watch);
      assert.equal(watch.watch.list(watch.at).length, 1);
    }),
    { numRuns: 300 },
  );
});
