import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_EPE } from "@vsix/shared/fabric/epe-defaults.ts";
import { boutsOf, fullsTell, goesOn } from "./bouts.ts";
import { viewOf } from "./evidence/test-view.ts";
import { FLAG } from "./evidence/view.ts";
import { lossGain, lowerShare } from "./loss.ts";
import type { LossQuestion } from "./loss-question.ts";
import { orderOf } from "./reading.ts";

/** Two ways over 120 cycles of five probes; what each lost, by cycle, the newest first. */
function asked(
  from: ReadonlyMap<number, number>,
  to: ReadonlyMap<number, number>,
  more: Partial<LossQuestion> & { readonly backedOff?: number; readonly heldCycles?: number } = {},
): LossQuestion {
  const slots = 120;
  const times = Array.from({ length: slots }, (_, slot) => ({ slot, beganMs: -slot }));
  const { backedOff = 0, heldCycles = slots, ...rest } = more;
  const cells = [from, to];
  const view = viewOf({
    rttMs: cells.map(() => times.map(() => 10)),
    lost: cells.map((lost) => times.map((_, at) => lost.get(at) ?? 0)),
    flags: cells.map(() => times.map((_, at) => (at % 10 < backedOff ? FLAG.backedOff : 0))),
  });
  const order = orderOf(times);
  const numbers = DEFAULT_EPE.decide;
  const question = { view, order, held: heldCycles, from: 0, to: slots, numbers };
  return { ...question, shown: true, prior: undefined, ...rest };
}

const NONE: ReadonlyMap<number, number> = new Map();
const spread = (count: number, lost = 1, every = 12): ReadonlyMap<number, number> =>
  new Map(Array.from({ length: count }, (_, at) => [2 + at * every, lost]));

test("a burst is one bout, however many cycles beside each other it falls into two of", () => {
  const { view, order } = asked(
    new Map([
      [10, 5],
      [11, 3],
      [30, 1],
    ]),
    NONE,
  );
  assert.deepEqual(boutsOf(view, order, 120, 0), { sent: 600, lost: 9, bouts: 2, age: 10, oldest: 30 });
});

test("a probe of full size is a witness where those mostly arrive, and none where their size is what they are lost for", () => {
  const flags = (every: number): number[][] => [
    Array.from({ length: 120 }, (_, at) => (at % every === 0 ? FLAG.lost : FLAG.arrived)),
  ];
  const seen = (every: number) => {
    const view = viewOf({ rttMs: [Array(120).fill(10)], flags: flags(every) });
    return { tell: fullsTell(view, 0), ...boutsOf(view, orderOf(view.cycles), 120, 0) };
  };
  const { tell, sent, lost, bouts } = seen(10);
  assert.deepEqual([tell, sent, lost, bouts], [true, 720, 12, 12]);
  assert.deepEqual([seen(2).tell, seen(2).sent, seen(2).lost], [false, 600, 0]);
});

test("what lost lately goes on, and after six bouts that did not come it hardly does", () => {
  const of = (age: number): number => goesOn({ sent: 600, lost: 10, bouts: 5, age, oldest: age + 9 });
  assert.equal(of(0), 1);
  assert.ok(of(2) > 0.7 && of(6) < 0.3 && of(12) < 0.02, `${of(2)}, ${of(6)}, ${of(12)}`);
  assert.equal(goesOn({ sent: 600, lost: 0, bouts: 0, age: Infinity, oldest: Infinity }), 1);
});

test("a way that loses much more than another is seen to, and one that loses hardly more is not", () => {
  const much = lossGain(asked(spread(60, 3, 2), NONE));
  assert.ok(much.difference > 0 && much.p <= 0.002, `${much.difference}, ${much.p}`);
  assert.equal(lossGain(asked(spread(5, 2), NONE)).difference, 0);
  assert.equal(lossGain(asked(spread(5, 2), spread(4, 2))).difference, 0);
});

test("two bouts are chance, and one of a whole cycle is", () => {
  assert.equal(lossGain(asked(spread(2, 5), NONE)).difference, 0);
  assert.equal(lossGain(asked(spread(1, 5), NONE)).difference, 0);
});

test("what has lost nothing for long at its own pace loses no more", () => {
  const over = new Map(Array.from({ length: 10 }, (_, at) => [70 + 2 * at, 2]));
  assert.equal(lossGain(asked(over, NONE)).difference, 0);
  assert.equal(lossGain(asked(over, NONE, { shown: false })).difference, 0);
});

test("of a host that limits its answers no loss is a reason to move", () => {
  assert.equal(lossGain(asked(spread(9, 4), NONE, { backedOff: 1 })).difference, 0);
});

test("of a host that limits its answers in most cycles no loss is harm either", () => {
  assert.ok(lossGain(asked(NONE, spread(9, 4), { backedOff: 4 })).difference < 0);
  assert.equal(lossGain(asked(NONE, spread(9, 4), { backedOff: 6 })).difference, 0);
});

test("before a move one burst of the other is harm whenever it was; after it an old one is forgiven, two are not", () => {
  const old = new Map([[40, 3]]);
  assert.ok(lossGain(asked(NONE, old)).difference < 0);
  assert.equal(lossGain(asked(NONE, old, { shown: false })).difference, 0);
  assert.ok(lossGain(asked(NONE, spread(2, 3, 40), { shown: false })).difference < 0);
  assert.ok(lossGain(asked(NONE, new Map([[3, 3]]), { shown: false })).difference < 0);
});

test("after a move harm is looked for in what was held out, and the loss that it was for is not asked to recur", () => {
  const harm = new Map([[10, 4]]);
  assert.equal(lossGain(asked(NONE, harm, { shown: false, heldCycles: 6 })).difference, 0);
  assert.ok(lossGain(asked(spread(6, 2), NONE, { shown: false, heldCycles: 2 })).difference > 0);
});

test("the lower end of a rate is that of its distribution", () => {
  // Gamma quantiles: 1.102 of 3, 6.221 of 10.
  assert.ok(Math.abs(lowerShare(3) - 1.102 / 3) < 0.005);
  assert.ok(Math.abs(lowerShare(10) - 6.221 / 10) < 0.005);
  assert.equal(lowerShare(0), 0);
});
