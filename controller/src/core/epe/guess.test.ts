import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_EPE } from "@vsix/shared/fabric/epe-defaults.ts";
import fc from "fast-check";
import { upperBound, upperGuess } from "./compare.ts";
import { viewOf } from "./evidence/test-view.ts";
import { look, newTable } from "./figures.ts";
import { orderOf, readingOf } from "./reading.ts";

const times = fc.array(fc.double({ min: 0.01, max: 300, noNaN: true }), { minLength: 12, maxLength: 12 });
const weight = fc.double({ min: 0, max: 1000, noNaN: true });

test("the bound by which a peer is left out is never less than the guess it stands for, to the last bit", () => {
  fc.assert(
    fc.property(
      fc.tuple(times, times),
      fc.tuple(times, times),
      fc.record({ rtt: weight, jitter: weight, asPathHop: weight, cost: weight }),
      fc.integer({ min: -5, max: 5 }),
      (rttMs, jitterMs, weights, hops) => {
        const view = viewOf({ rttMs, jitterMs });
        const reading = readingOf(view, orderOf(view.cycles), 30);
        const table = newTable(2, reading);
        for (const cell of [0, 1]) look(table, cell, reading, cell);
        const pair = { table, from: 0, to: 1, hops, cost: -hops };
        const objective = { weights: { ...DEFAULT_EPE.weights, ...weights }, limits: {} };
        const boundMs = upperBound(pair, objective);
        assert.ok(boundMs >= upperGuess(pair, objective));
      },
    ),
  );
});
