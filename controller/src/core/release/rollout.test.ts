import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "@sinclair/typebox/value";
import fc from "fast-check";
import { advance, beginRollout, leastMs, type RolloutEvent } from "./rollout.ts";
import { awaitedOf, hasEnded, movedOf, nextOf, RolloutState, settledOf, steersOf } from "./rollout-state.ts";

const SETTINGS = {
  intervalMs: 60,
  rehearsalMs: 10,
  moveMs: 30,
  deadlineMs: 10_000,
  failureLimit: 1,
  baselineNow: false,
};

function fresh(size = 6, settings: Partial<typeof SETTINGS> = {}): RolloutState {
  return beginRollout({
    id: 7,
    from: "blue",
    to: "green",
    settings: { ...SETTINGS, ...settings },
    members: Array.from({ length: size }, (_, i) => ({ edge: `e${i}`, before: i % 2 === 0 ? null : "blue" })),
    steps: [1, 3, 6].filter((n) => n <= size).map((n) => ({ text: String(n), size: n })),
  });
}

/** A state and what was told of it, event after event; refusals throw. */
class Script {
  state: RolloutState;
  readonly told: string[] = [];
  nowMs = 0;

  constructor(state: RolloutState) {
    this.state = state;
  }

  do(event: RolloutEvent, afterMs = 0): this {
    this.nowMs += afterMs;
    const done = advance(this.state, event, this.nowMs);
    assert.ok(done.ok, done.ok ? "" : done.message);
    this.state = done.state;
    if (done.told !== "") this.told.push(done.told);
    return this;
  }

  /** Everybody is seen, then the judge says yes once the time is over. */
  pass(): this {
    const waitMs = this.state.stage === "step" ? 60 : 10;
    return this.do(SEEN, 1).do(PASS, waitMs);
  }
}

const SEEN: RolloutEvent = { type: "tick", astray: [] };
const PASS: RolloutEvent = { type: "verdict", verdict: "pass", reasons: [] };
const HOLD: RolloutEvent = { type: "verdict", verdict: "hold", reasons: ["no data"] };
const FAIL: RolloutEvent = { type: "verdict", verdict: "fail", reasons: ["2 % lost"] };

test("a healthy rollout: baseline, canaries there and back, then step by step to the end", () => {
  const run = new Script(fresh());
  const seen: string[] = [];
  while (!hasEnded(run.state)) {
    seen.push(`${run.state.stage} ${movedOf(run.state).length}`);
    run.pass();
  }
  assert.deepEqual(seen, ["baseline 0", "there 1", "back 0", "step 1", "step 3", "step 6"]);
  assert.equal(run.state.stage, "done");
  assert.equal(movedOf(run.state).length, 6);
  assert.ok(run.nowMs >= leastMs(SETTINGS, 3));
});

test("nobody goes on before he was seen, before the time is over, on a hold, or while paused", () => {
  const run = new Script(fresh()).pass();
  assert.equal(run.state.stage, "there");
  run.do(PASS, 20);
  assert.equal(run.state.stage, "there", "not seen yet");
  run.do(SEEN).do(PASS, 9);
  assert.equal(run.state.stage, "there", "a millisecond too early");
  run.do(HOLD, 50);
  assert.equal(run.state.stage, "there", "hold is no pass");
  run.do({ type: "pause", who: "ann" }).do(PASS, 50);
  assert.equal(run.state.stage, "there", "paused");
  run.do({ type: "resume", who: "ann" }).do(PASS, 1);
  assert.equal(run.state.stage, "back");
});

test("a fail goes back with everybody at once, also while paused; seen back it is aborted", () => {
  const run = new Script(fresh()).pass().pass().pass().pass();
  assert.equal(movedOf(run.state).length, 3);
  run.do({ type: "pause", who: "ann" }).do(FAIL, 5);
  assert.equal(run.state.stage, "going-back");
  assert.deepEqual([...steersOf(run.state)].slice(0, 2), [
    ["e0", null],
    ["e1", "blue"],
  ]);
  assert.deepEqual([...awaitedOf(run.state).keys()], ["e0", "e1", "e2"], "who never moved is not waited for");
  run.do({ type: "tick", astray: ["e1"] }, 5).do(SEEN, 5);
  assert.equal(run.state.stage, "aborted");
  assert.match(run.state.why, /the judge says no: 2 % lost/);
});

test("the failure limit counts every fail of the rollout; a pass between does not wash it off", () => {
  const run = new Script(fresh(6, { failureLimit: 3, baselineNow: false })).do(FAIL).do(PASS).do(FAIL);
  assert.equal(run.state.stage, "baseline");
  run.do(FAIL);
  assert.equal(run.state.stage, "aborted", "nobody had moved: there is nothing to wait for");
});

test("who is not seen in time takes everybody back, and who is not seen back is told", () => {
  const run = new Script(fresh()).pass().do({ type: "tick", astray: ["e0 is on blue"] }, 29);
  assert.equal(run.state.stage, "there");
  run.do({ type: "tick", astray: ["e0 is on blue"] }, 1);
  assert.equal(run.state.stage, "going-back");
  run.do({ type: "tick", astray: ["e0: nothing comes back"] }, 30);
  assert.equal(run.state.stage, "failed-to-go-back");
  assert.match(run.state.why, /NOT SEEN BACK: e0: nothing comes back/);
});

test("past the deadline everybody goes back, paused or not", () => {
  const run = new Script(fresh()).pass().pass().pass();
  run.do({ type: "pause", who: "ann" }).do({ type: "tick" }, 10_000);
  assert.equal(run.state.stage, "going-back");
  assert.match(run.state.why, /not done within its deadline of 10 s/);
});

test("promote skips the waiting, never the seeing", () => {
  const run = new Script(fresh()).do({ type: "promote", who: "ann" });
  assert.equal(run.state.stage, "there");
  const unseen = advance(run.state, { type: "promote", who: "ann" }, 1);
  assert.ok(!unseen.ok && unseen.code === "rollout-busy");
  run.do(SEEN).do(HOLD).do({ type: "promote", who: "ann" });
  assert.equal(run.state.stage, "back");
  assert.match(run.told.at(-1) ?? "", /promoted by ann; rehearsal: back to blue/);
  const paused = advance(
    run.do(SEEN).do({ type: "pause", who: "bob" }).state,
    { type: "promote", who: "ann" },
    1,
  );
  assert.ok(!paused.ok && paused.code === "rollout-paused");
});

test("what is moved and not yet seen is not judged; what was seen before is", () => {
  const run = new Script(fresh()).pass();
  assert.deepEqual(settledOf(run.state), []);
  run.pass().pass().pass();
  assert.equal(run.state.step, 1);
  assert.deepEqual(settledOf(run.state), ["e0"]);
  assert.equal(settledOf(run.do(SEEN).state).length, 3);
});

test("an Edge steered by hand leaves; when the canaries are gone in the rehearsal, or everybody, it is over", () => {
  const leave = (...edges: string[]): RolloutEvent => ({ type: "exception", who: "ann", edges });
  const run = new Script(fresh()).pass().pass().pass().pass().do(leave("e1"));
  assert.deepEqual(movedOf(run.state), ["e0", "e2"]);
  assert.ok(!steersOf(run.state).has("e1"));
  run.do(leave("e0", "e2", "e3", "e4", "e5"));
  assert.equal(run.state.stage, "aborted");
  const rehearsing = new Script(fresh()).pass().do(leave("e0"));
  assert.equal(rehearsing.state.stage, "going-back");
  assert.match(rehearsing.state.why, /none is left to rehearse with/);
});

test("after a restart a stage is seen and observed from its beginning", () => {
  const run = new Script(fresh()).pass().do(SEEN).do({ type: "restart" }, 500);
  assert.deepEqual([run.state.stage, run.state.seen, run.state.sinceMs], ["there", false, run.nowMs]);
  run.do(PASS, 20);
  assert.equal(run.state.stage, "there");
  run.pass();
  assert.equal(run.state.stage, "back");
});

const edge = fc.constantFrom("e0", "e1", "e2", "e3", "e4", "e5");
const event: fc.Arbitrary<RolloutEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(SEEN) },
  { weight: 4, arbitrary: fc.constant(PASS) },
  { weight: 1, arbitrary: fc.constant(HOLD) },
  { weight: 1, arbitrary: fc.constantFrom<RolloutEvent>(FAIL, { type: "tick", astray: ["e0"] }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("pause", "resume", "promote").map((type) => ({ type, who: "ann" })),
  },
  { weight: 1, arbitrary: fc.constant<RolloutEvent>({ type: "abort", who: "ann", why: "" }) },
  {
    weight: 1,
    arbitrary: edge.map((one): RolloutEvent => ({ type: "exception", who: "ann", edges: [one] })),
  },
);
const happening = fc.record({
  event,
  afterMs: fc.integer({ min: 0, max: 80 }),
  /** The controller dies: before the transaction, after it, or not. */
  dies: fc.constantFrom("no", "no", "no", "before", "after"),
});

/** What is stored: state and intent change together or not at all. */
interface Stored {
  readonly text: string;
  readonly intent: Readonly<Record<string, string | null>>;
}

function load({ text }: Stored): RolloutState {
  const state: unknown = JSON.parse(text);
  assert.ok(Value.Check(RolloutState, state), "what was stored is a state");
  return state;
}

function store(intent: Stored["intent"], state: RolloutState): Stored {
  return { text: JSON.stringify(state), intent: { ...intent, ...Object.fromEntries(steersOf(state)) } };
}

test("whatever happens and wherever the controller dies: every Edge is as before or on the new plane, as stored, and abort ends with all as before", () => {
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 60 }),
      fc.integer({ min: 1, max: 2 }),
      (happenings, failureLimit) => {
        const begun = fresh(6, { failureLimit });
        const before = Object.fromEntries(begun.members.map((one) => [one.edge, one.before]));
        const byHand = new Set<string>();
        let kept = store(before, begun);
        let nowMs = 0;
        const agree = (): void => {
          const state = load(kept);
          const moved = new Set(movedOf(state));
          for (const { edge: name } of state.members) {
            if (byHand.has(name)) continue;
            const wanted = moved.has(name) ? "green" : before[name];
            assert.equal(kept.intent[name], wanted, `${name} in ${state.stage}`);
          }
          assert.deepEqual(
            new Set([...awaitedOf(state).keys()].filter((name) => byHand.has(name))),
            new Set(),
          );
        };
        const take = (one: RolloutEvent): void => {
          const done = advance(load(kept), one, nowMs);
          if (!done.ok) return;
          if (one.type === "exception") for (const name of one.edges) byHand.add(name);
          kept = store(kept.intent, done.state);
        };
        for (const { event: one, afterMs, dies } of happenings) {
          nowMs += afterMs;
          if (dies !== "before") take(one);
          if (dies !== "no") take({ type: "restart" });
          agree();
        }
        if (!hasEnded(load(kept))) {
          take({ type: "abort", who: "ann", why: "" });
          take({ type: "restart" });
          take(SEEN);
          agree();
          assert.equal(load(kept).stage, "aborted");
        }
        const ended = load(kept);
        if (ended.stage === "done") assert.equal(movedOf(ended).length, 6 - byHand.size);
        else
          for (const name of Object.keys(before))
            if (!byHand.has(name)) assert.equal(kept.intent[name], before[name]);
        assert.deepEqual(
          advance(ended, PASS, nowMs + 1e9),
          { ok: true, state: ended, told: "" },
          "the end is the end",
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test("whom a pass moves next: canaries before the rehearsal and after it, then each step's own; who left does not", () => {
  const run = new Script(fresh());
  assert.deepEqual([run.state.stage, nextOf(run.state)], ["baseline", ["e0"]]);
  run.do(PASS, 10);
  assert.deepEqual([run.state.stage, nextOf(run.state)], ["there", []]);
  run.pass();
  assert.deepEqual([run.state.stage, nextOf(run.state)], ["back", ["e0"]]);
  run.pass();
  assert.deepEqual([run.state.stage, nextOf(run.state)], ["step", ["e1", "e2"]]);
  run.do({ type: "exception", who: "mara", edges: ["e2"] });
  assert.deepEqual(nextOf(run.state), ["e1"]);
  run.pass();
  assert.deepEqual(nextOf(run.state), ["e3", "e4", "e5"]);
  run.pass();
  assert.deepEqual(nextOf(run.state), []);
});
