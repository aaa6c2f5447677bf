import assert from "node:assert/strict";
import { test } from "node:test";
import { courseOf } from "./course.ts";
import { viewOf } from "./evidence/test-view.ts";

test("a course is told oldest first, with gaps where too few came back, and without peers that nothing was sent by", () => {
  const view = viewOf({
    rttMs: [
      [12, Number.NaN, 10],
      [30, 31, 32],
    ],
    lost: [[0, 5, 1]],
  });
  const course = courseOf(view, "any");
  assert.deepEqual(course?.beganMs, [-2, -1, -0]);
  assert.deepEqual(
    course?.peers.map(({ peer, rttMs, loss }) => [peer, rttMs, loss]),
    [
      ["xe-1/0", [10, null, 12], [0.2, 1, 0]],
      ["xe-1/1", [32, 31, 30], [0, 0, 0]],
    ],
  );
  assert.deepEqual(courseOf({ ...view, told: new Uint16Array(view.told.length) }, "any")?.peers, []);
});

test("of an address that nobody told of there is no course", () => {
  assert.equal(courseOf({ ...viewOf({ rttMs: [[1]] }), rowOf: () => undefined }, "any"), undefined);
});
