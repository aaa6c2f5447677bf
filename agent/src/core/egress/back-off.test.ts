import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ASKED_AS_WANTED, type BackOff, judgeCycle, probesAt } from "./back-off.ts";

const PROBES = 8;
const PEERS = 4;

/** Cycles of a destination; `answer` says how many of a cell's probes come back. Levels after each. */
function live(
  cycles: number,
  answer: (sent: number, peer: number, cycle: number) => number,
  from: BackOff = ASKED_AS_WANTED,
): { readonly levels: number[]; readonly state: BackOff } {
  let state = from;
  const levels: number[] = [];
  for (let cycle = 0; cycle < cycles; cycle++) {
    const sent = probesAt(state, PROBES);
    state = judgeCycle(
      state,
      Array.from({ length: PEERS }, (_, peer) => ({
        sent,
        answered: Math.min(sent, answer(sent, peer, cycle)),
        prohibited: false,
      })),
    );
    levels.push(state.level);
  }
  return { levels, state };
}

test("a target that answers four probes by each peer at most is soon asked for no more, and now and then for more", () => {
  const { levels } = live(40, () => 4);
  assert.ok(levels.indexOf(1) <= 1, `${levels}`);
  const settled = levels.slice(5);
  assert.ok(settled.filter((level) => level === 1).length > 25, `${levels}`);
  assert.ok(settled.includes(0), "it is tried again");
});

test("the times between two tries grow", () => {
  const { levels } = live(300, () => 4);
  const tries = levels.flatMap((level, i) => (level === 0 ? [i] : []));
  const gaps = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
  assert.ok(tries.length < 12, `${tries}`);
  assert.ok((gaps.at(-1) ?? 0) > (gaps[1] ?? 0), `${gaps}`);
});

test("when the limit is gone it is asked as wanted again, and in time nothing is remembered", () => {
  const limited = live(20, () => 2);
  assert.ok(limited.state.level > 0);
  const { state } = live(400, (sent) => sent, limited.state);
  assert.deepEqual(state, ASKED_AS_WANTED);
});

test("loss by one peer is that peer's, loss that asking less does not change is the path's, and silence is no limit", () => {
  const oneBad = live(30, (sent, peer) => (peer === 2 ? 0 : sent));
  assert.deepEqual(new Set(oneBad.levels), new Set([0]));
  const dead = live(30, () => 0);
  assert.deepEqual(new Set(dead.levels), new Set([0]));
  const lossy = live(100, (sent) => Math.floor(sent / 2));
  assert.ok(lossy.levels.filter((level) => level === 0).length > 75, `${lossy.levels}`);
});

test("who says that it is prohibited is asked as little as can be, at once", () => {
  const cells = [{ sent: 8, answered: 0, prohibited: true }];
  const state = judgeCycle(ASKED_AS_WANTED, cells);
  assert.equal(probesAt(state, PROBES), 1);
});

test("whatever happens, at least one and no more than wanted is asked, and the state stays small", () => {
  const cell = fc.record({ sent: fc.nat(32), answered: fc.nat(32), prohibited: fc.boolean() });
  const cycle = fc.array(
    cell.map(({ sent, answered, prohibited }) => ({ sent, answered: Math.min(sent, answered), prohibited })),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.array(cycle, { maxLength: 80 }), fc.integer({ min: 1, max: 32 }), (cycles, wanted) => {
      let state = ASKED_AS_WANTED;
      for (const cells of cycles) {
        state = judgeCycle(state, cells);
        const asked = probesAt(state, wanted);
        assert.ok(asked >= 1 && asked <= wanted);
        assert.ok(state.level >= 0 && state.level <= 3 && state.wait <= 64 && state.immune <= 16);
      }
    }),
  );
});
