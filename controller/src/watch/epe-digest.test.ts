import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpeEventType } from "@vsix/shared/notify/epe-event.ts";
import fc from "fast-check";
import { EpeDigest, type ToldEpe } from "./epe-digest.ts";

const MINUTE = 60_000;
let number = 0;

const happen = (type: EpeEventType, at: number, key = `key ${number}`) => {
  number++;
  return { id: number, at, type, key, line: { prefix: "3fff::/32", words: `number ${number}` } };
};

function digest(told: ToldEpe = {}): EpeDigest {
  number = 0;
  return new EpeDigest(told);
}

test("the first of a type is told at once, what follows soon together, with as many lines as people read", () => {
  const one = digest();
  one.add(happen("moved", 0));
  assert.deepEqual(
    one.due(0).map(({ event: { count, lines } }) => [count, lines.length]),
    [[1, 1]],
  );
  for (let at = 0; at < 30; at++) one.add(happen("moved", at * 1000));
  assert.deepEqual(one.due(4 * MINUTE), []);
  const [told] = one.due(5 * MINUTE);
  assert.deepEqual([told?.event.count, told?.event.lines.length, told?.event.held], [30, 8, 0]);
  assert.deepEqual(one.due(20 * MINUTE), []);
});

test("types do not wait for each other, and an alarm hardly at all", () => {
  const one = digest();
  one.add(happen("moved", 0));
  one.due(0);
  one.add(happen("moved", 1));
  one.add(happen("alarm", 1));
  assert.deepEqual(
    one.due(1).map(({ event: { type, level } }) => [type, level]),
    [["alarm", "alarm"]],
  );
});

test("what comes and goes too often is only counted, and told once it has stayed as it is", () => {
  const one = digest();
  const told: string[] = [];
  const look = (at: number): void => {
    for (const { event } of one.due(at))
      if (event.lines.some(({ words }) => words !== "")) told.push(event.type);
  };
  for (let round = 0; round < 20; round++) {
    one.add(happen("alarm", round * 2 * MINUTE, "same"));
    look(round * 2 * MINUTE);
    one.add(happen("alarm-over", (round * 2 + 1) * MINUTE, "same"));
    look((round * 2 + 1) * MINUTE);
  }
  assert.deepEqual(told, ["alarm", "alarm-over", "alarm", "alarm-over"]);
  one.add(happen("alarm", 41 * MINUTE, "same"));
  look(50 * MINUTE);
  assert.equal(told.length, 4);
  look(51 * MINUTE);
  assert.deepEqual(told.slice(4), ["alarm"]);
});

test("whoever goes on from what was told tells nothing twice, and what he had gathered, under the same number", () => {
  const before = digest();
  before.add(happen("moved", 0));
  before.due(0);
  const told = before.told;
  const after = [new EpeDigest(told), new EpeDigest(told)];
  number = 1;
  const late = happen("moved", 1000);
  for (const one of after) {
    one.add({ ...late, id: 1 });
    one.add(late);
  }
  const [first, second] = after.map((one) => one.due(10 * MINUTE));
  assert.deepEqual(first, second);
  assert.deepEqual(
    first?.map(({ event }) => event.count),
    [1],
  );
});

test("a type of which nothing waits is not read again from its last notice on", () => {
  const one = digest();
  for (let at = 0; at < 5; at++) one.add(happen("alarm", at));
  one.due(5);
  one.add(happen("moved", 6));
  assert.deepEqual([one.told.alarm?.upTo, one.told.moved?.upTo, one.told.switched?.upTo], [6, 0, 6]);
});

test("a clock that went back silences nobody", () => {
  const one = digest({ moved: { upTo: 0, at: 1_000_000_000 } });
  one.add(happen("moved", 5));
  assert.equal(one.due(5).length, 1);
});

test("whatever happens how often, an hour has no more notices than its pauses allow, and none counts what did not happen", () => {
  const happening = fc.record({
    type: fc.constantFrom<EpeEventType>(
      "moved",
      "taken-back",
      "bad-path",
      "bad-path-over",
      "alarm",
      "alarm-over",
    ),
    key: fc.integer({ min: 0, max: 30 }),
    after: fc.integer({ min: 0, max: 5_000 }),
  });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 400 }), (happenings) => {
      const one = digest();
      let [at, told, counted] = [0, 0, 0];
      for (const { type, key, after } of happenings) {
        at += after;
        one.add(happen(type, at, `${key}`));
        for (const { event } of one.due(at)) {
          told++;
          counted += event.count;
        }
      }
      assert.ok(counted <= happenings.length);
      // Every 5, 2, 5 and 15 minutes, every 10 s and every minute.
      assert.ok(told <= 6 + at / 10_000 + (at / MINUTE) * 2, `${told} in ${at} ms`);
    }),
  );
});
