import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { orderCohort, parseSteps, type Step, selects, sizeSteps } from "./cohort.ts";

function stepsOf(text: string): readonly Step[] {
  const parsed = parseSteps(text);
  assert.ok(parsed.ok, text);
  return parsed.steps;
}

test("steps are counts and percentages; what is none is named", () => {
  assert.deepEqual(stepsOf("1, 10%,100%"), [
    { kind: "count", value: 1 },
    { kind: "percent", value: 10 },
    { kind: "percent", value: 100 },
  ]);
  for (const [text, why] of [
    ["", /"" is no step/],
    ["0", /"0" is no step/],
    ["1,,2", /"" is no step/],
    ["-5", /"-5" is no step/],
    ["10 %", /"10 %" is no step/],
    ["5,101%", /101%: there are no more than 100%/],
    ["50%,10%", /10% comes after 50%/],
    ["5,3", /3 comes after 5/],
    [Array(51).fill("1").join(","), /51 steps; at most 50/],
  ] as const) {
    const parsed = parseSteps(text);
    assert.ok(!parsed.ok);
    assert.match(parsed.message, why);
  }
});

test("a percentage rounds up, a step that adds nobody is left out, canaries are the first step", () => {
  const sizes = (text: string, total: number, canaries = 0) =>
    sizeSteps(stepsOf(text), total, canaries).map(({ size }) => size);
  assert.deepEqual(sizes("1,10%,50%,100%", 20), [1, 2, 10, 20]);
  assert.deepEqual(sizes("1,10%,50%,100%", 5), [1, 3, 5]);
  assert.deepEqual(sizes("1,10%,50%,100%", 1), [1]);
  assert.deepEqual(sizes("1%,100%", 3), [1, 3]);
  assert.deepEqual(sizes("1,50%", 20), [1, 10]);
  assert.deepEqual(sizes("1,10%,50%,100%", 20, 3), [3, 10, 20]);
  assert.deepEqual(sizes("500", 20), [20]);
});

test("whatever the steps: sizes grow, begin with one at least, never pass the total, and 100% is everybody", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("count" as const), value: fc.integer({ min: 1, max: 2000 }) }),
    fc.record({ kind: fc.constant("percent" as const), value: fc.integer({ min: 1, max: 100 }) }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 1500 }),
      (steps, total) => {
        const sizes = sizeSteps(steps, total, 0).map(({ size }) => size);
        assert.ok(sizes.length > 0);
        sizes.forEach((size, i) => {
          assert.ok(size > (sizes[i - 1] ?? 0) && size <= total);
        });
        for (const { kind, value } of steps)
          if (kind === "percent") assert.ok((sizes.at(-1) ?? 0) * 100 >= value * total);
      },
    ),
  );
});

const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/), { minLength: 1, maxLength: 60 });

test("the order is a permutation, does not depend on the order given, and keeps its place when somebody joins", () => {
  fc.assert(
    fc.property(names, fc.string(), fc.nat(), (edges, seed, at) => {
      const order = orderCohort(edges, [], seed);
      assert.deepEqual([...order].sort(), [...edges].sort());
      assert.deepEqual(orderCohort([...edges].reverse(), [], seed), order);
      const without = edges.filter((_, i) => i !== at % edges.length);
      assert.deepEqual(
        orderCohort(without, [], seed),
        order.filter((edge) => without.includes(edge)),
      );
      const canary = edges[at % edges.length] ?? "";
      assert.equal(orderCohort(edges, [canary, "nobody"], seed)[0], canary);
      assert.equal(orderCohort(edges, [], seed, canary).at(-1), canary);
      assert.equal(orderCohort(edges, [canary], seed, canary)[0], canary);
      assert.deepEqual(orderCohort(edges, [], seed, "nobody"), order);
    }),
  );
});

test("another seed is another order, and neighbours by name are not neighbours in it", () => {
  const edges = Array.from({ length: 100 }, (_, i) => `edge-${i}`);
  const one = orderCohort(edges, [], "blue>green#1");
  const two = orderCohort(edges, [], "blue>green#2");
  assert.notDeepEqual(one, two);
  const close = (order: readonly string[]) =>
    order.filter((edge, i) => {
      const next = Number(order[i + 1]?.slice(5));
      return Math.abs(Number(edge.slice(5)) - next) === 1;
    }).length;
  assert.ok(close(one) < 15 && close(two) < 15, `${close(one)} and ${close(two)} of 99`);
});

test("an Edge is chosen by its name or by all the labels; without either everybody is", () => {
  const gold = { name: "a", labels: { tier: "gold", area: "west" } };
  assert.ok(selects({ edges: [], labels: {} }, gold));
  assert.ok(selects({ edges: [], labels: { tier: "gold" } }, gold));
  assert.ok(!selects({ edges: [], labels: { tier: "gold", area: "east" } }, gold));
  assert.ok(!selects({ edges: ["b"], labels: {} }, gold));
  assert.ok(selects({ edges: ["a"], labels: { tier: "lead" } }, gold));
  assert.ok(!selects({ edges: [], labels: { toString: "x" } }, { name: "c" }));
});
