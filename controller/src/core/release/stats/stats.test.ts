import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clustered, cut } from "./blocks.ts";
import { holm } from "./holm.ts";
import { normalTail, normalUpperQuantile } from "./normal.ts";
import { median, medianError } from "./order.ts";
import { scoreInterval, scoreTest, wilson } from "./proportions.ts";

const near = (actual: number, expected: number, relative: number, what = ""): void =>
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.max(Math.abs(expected), 1e-300),
    `${what} ${actual}, expected ${expected}`,
  );

test("the normal tail is right near 0 and far out (values of scipy.stats.norm.sf)", () => {
  for (const [z, tail] of [
    [0, 0.5],
    [1, 0.15865525393145707],
    [1.959963984540054, 0.025],
    [3, 0.0013498980316300933],
    [5, 2.866515718791933e-7],
    [10, 7.61985302416047e-24],
    [30, 4.906713927147908e-198],
    [-2, 0.9772498680518208],
    [-6, 0.9999999990134123],
  ] as const)
    near(normalTail(z), tail, 1e-11, `z ${z}`);
});

test("a quantile is where the tail is", () => {
  near(normalUpperQuantile(0.025), 1.959963984540054, 1e-12);
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 0.999, noNaN: true }), (tail) =>
      near(normalTail(normalUpperQuantile(tail)), tail, 1e-9),
    ),
  );
  assert.throws(() => normalUpperQuantile(0), RangeError);
});

test("Newcombe's examples (Statistics in Medicine 17, 1998, table II): Miettinen and Nurminen's limits", () => {
  for (const [events1, trials1, events2, trials2, lower, upper] of NEWCOMBE) {
    const [low, high] = scoreInterval(
      { events: events1, trials: trials1 },
      { events: events2, trials: trials2 },
      0.025,
    );
    assert.deepEqual([low.toFixed(4), high.toFixed(4)], [lower, upper]);
  }
});

const NEWCOMBE = [
  [56, 70, 48, 80, "0.0528", "0.3382"],
  [9, 10, 3, 10, "0.1700", "0.8406"],
  [6, 7, 2, 7, "0.0342", "0.8534"],
  [5, 56, 0, 29, "-0.0326", "0.1933"],
  [0, 10, 0, 20, "-0.1658", "0.2844"],
  [0, 10, 0, 10, "-0.2879", "0.2879"],
  [10, 10, 0, 20, "0.7156", "1.0000"],
  [10, 10, 0, 10, "0.6636", "1.0000"],
] as const;

const share = fc
  .tuple(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([trials, part]) => ({ trials, events: Math.round(trials * part) }));

test("a margin is refused exactly when it lies outside the interval", () => {
  fc.assert(
    fc.property(share, share, fc.double({ min: -0.9, max: 0.9, noNaN: true }), (first, second, margin) => {
      const [low, high] = scoreInterval(first, second, 0.01);
      if (Math.min(Math.abs(margin - low), Math.abs(margin - high)) < 1e-6) return;
      const { pGreater, pLess } = scoreTest(first, second, margin);
      assert.equal(pGreater > 0.01 && pLess > 0.01, low < margin && margin < high);
    }),
  );
});

test("swapping the proportions turns the interval round", () => {
  fc.assert(
    fc.property(share, share, (first, second) => {
      const [low, high] = scoreInterval(first, second, 0.05);
      const [otherLow, otherHigh] = scoreInterval(second, first, 0.05);
      assert.ok(Math.abs(low + otherHigh) < 1e-6 && Math.abs(high + otherLow) < 1e-6);
    }),
  );
});

test("Wilson's interval: his own formula's known values, and it always holds the proportion", () => {
  const [low, high] = wilson({ events: 81, trials: 263 }, 0.025); // Newcombe 1998, table I, method 3
  assert.deepEqual([low.toFixed(4), high.toFixed(4)], ["0.2553", "0.3662"]);
  const [none, upper] = wilson({ events: 0, trials: 20 }, 0.025);
  assert.deepEqual([none.toFixed(4), upper.toFixed(4)], ["0.0000", "0.1611"]);
  fc.assert(
    fc.property(share, (one) => {
      const [least, most] = wilson(one, 0.025);
      assert.ok(least <= one.events / one.trials + 1e-12 && one.events / one.trials <= most + 1e-12);
    }),
  );
});

test("Holm's own steps, and never less than the p itself", () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]); // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  for (const [at, expected] of [0.03, 0.06, 0.06, 0.02].entries()) near(adjusted[at] ?? 0, expected, 1e-12);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (ps) => {
      for (const [at, one] of holm(ps).entries()) assert.ok(one >= (ps[at] ?? 0) && one <= 1);
    }),
  );
});

test("blocks hold every probe of the window once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.double({ min: 0.1, max: 50, noNaN: true })), { maxLength: 300 }),
      fc.integer({ min: 1, max: 40 }),
      (rtts, blocks) => {
        const series = { atMs: rtts.map((_, at) => at * 100), rttMs: rtts };
        const found = cut(series, { fromMs: 0, toMs: blocks * 1000, blockMs: 1000, minimumAnswers: 3 });
        const inside = rtts.slice(0, blocks * 10);
        assert.equal(found.length, blocks);
        assert.equal(
          found.reduce((sum, block) => sum + block.sent, 0),
          inside.length,
        );
        assert.equal(
          found.reduce((sum, block) => sum + block.lost, 0),
          inside.filter((rtt) => rtt === null).length,
        );
      },
    ),
  );
});

test("a block's median forgives a microburst; its jitter is the mean step between neighbours", () => {
  const rttMs = [10, 10, 10, 60, 60, 10, 10, null, 12, 10];
  const [block] = cut(
    { atMs: rttMs.map((_, at) => at * 100), rttMs },
    { fromMs: 0, toMs: 1000, blockMs: 1000, minimumAnswers: 5 },
  );
  assert.deepEqual(block, { sent: 10, lost: 1, medianMs: 10, jitterMs: (50 + 50 + 2) / 7 });
});

test("losses spread evenly count each, losses in one burst count nearly as one", () => {
  const even = clustered(Array.from({ length: 20 }, () => ({ events: 1, trials: 30 })));
  assert.deepEqual([even.events, even.trials, even.designEffect], [20, 600, 1]);
  const burst = clustered(Array.from({ length: 20 }, (_, at) => ({ events: at === 7 ? 20 : 0, trials: 30 })));
  assert.ok(burst.events < 1.2, `${burst.events}`);
  assert.deepEqual(burst.counted, { events: 20, trials: 600 });
});

test("the median and its error", () => {
  assert.equal(median([]), undefined);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  near(medianError([1, 2, 3, 4, 5]), (1.4826 * Math.sqrt(Math.PI / 2)) / Math.sqrt(5), 1e-12);
});
