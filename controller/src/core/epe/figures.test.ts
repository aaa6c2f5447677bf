import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { median } from "../release/stats/order.ts";
import { viewOf } from "./evidence/test-view.ts";
import { FLAG } from "./evidence/view.ts";
import { figuresOf } from "./figures.ts";
import { orderOf } from "./reading.ts";

const CYCLES = 30;

function seen(medians: readonly number[], lost: readonly number[] = [], flags: readonly number[] = []) {
  const view = viewOf({
    rttMs: [medians],
    jitterMs: [medians.map((one) => one / 2)],
    lost: [lost],
    flags: [medians.map((_, at) => flags[at] ?? FLAG.arrived)],
  });
  return figuresOf(view, orderOf(view.cycles), 0, CYCLES);
}

test("medians are those of the newest cycles, whatever their order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 40 }), (medians) => {
      const judged = medians.slice(0, CYCLES);
      const { rttMs, jitterMs, answered } = seen(medians);
      assert.deepEqual(
        [rttMs, jitterMs, answered],
        [median(judged), (median(judged) ?? 0) / 2, judged.length],
      );
    }),
  );
});

test("a peer is silent when its newest three cycles all were, and not by older ones", () => {
  const none = Number.NaN;
  assert.equal(seen([none, none, none, 7], [5, 5, 5]).silent, true);
  assert.equal(seen([7, none, none, none], [0, 5, 5, 5]).silent, false);
});

test("a host that limits its answers is silent by chance, and silent after ten cycles", () => {
  const silentFor = (cycles: number) =>
    seen(
      [...Array.from({ length: cycles }, () => Number.NaN), 7],
      Array.from({ length: cycles }, () => 5),
      Array.from({ length: cycles }, () => FLAG.backedOff),
    ).silent;
  assert.deepEqual([silentFor(9), silentFor(10)], [false, true]);
});

test("of full probes the newest that says anything counts, and one that arrived forgives three that did not", () => {
  const { arrived, lost, tooBig } = FLAG;
  const full = (flags: readonly number[], lostThen: readonly number[] = []) =>
    seen(
      flags.map(() => 7),
      lostThen,
      flags,
    ).full;
  assert.equal(full([lost, lost, lost, arrived]), "arrives");
  assert.equal(full([lost, lost, lost, lost, arrived]), "lost");
  assert.equal(full([tooBig, arrived]), "too-big");
  assert.equal(full([0, 0]), "unknown");
  // Where the small ones are lost too, the size is not what is wrong.
  assert.equal(full([lost, lost, lost, lost, arrived], [5, 5, 5, 5, 0]), "arrives");
});

test("a cell that has a time of every cycle says the same, looked at where its times lie or one by one", () => {
  const medians = fc.array(fc.double({ min: 0.1, max: 300, noNaN: true }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(medians, fc.nat(39), fc.integer({ min: 1, max: 40 }), (rttMs, newest, cycles) => {
      const whole = viewOf({ rttMs: [rttMs], jitterMs: [rttMs.map((one) => one / 3)] });
      // A ring: the cycle before is in the slot before.
      const order = orderOf(rttMs.map((_, ago) => ({ slot: (newest - ago + 40) % 40, beganMs: -ago })));
      const piecemeal = { ...whole, timesOf: Uint16Array.of(0) };
      assert.deepEqual(figuresOf(whole, order, 0, cycles), figuresOf(piecemeal, order, 0, cycles));
    }),
  );
});
