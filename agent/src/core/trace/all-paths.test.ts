import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { confidenceOf, missing, stoppingPoint } from "./all-paths.ts";

test("the stopping points for 95 % are those of Veitch et al., table 1", () => {
  const points = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seen) => stoppingPoint(seen, 0.95));
  assert.deepEqual(points, [6, 11, 16, 21, 27, 33, 38, 44, 51, 57]);
});

test("the chance of a missed path is that of all cases counted", () => {
  for (let paths = 1; paths <= 4; paths++)
    for (let flows = 0; flows <= 6; flows++) {
      let incomplete = 0;
      const cases = paths ** flows;
      for (let i = 0; i < cases; i++) {
        const used = new Set(
          Array.from({ length: flows }, (_, flow) => Math.floor(i / paths ** flow) % paths),
        );
        if (used.size < paths) incomplete++;
      }
      assert.ok(Math.abs(missing(paths, flows) - incomplete / cases) < 1e-9, `${paths} ${flows}`);
    }
});

test("confidence is between 0 and 1 and does not fall when a flow repeats a path that was seen", () => {
  const path = fc.array(fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 8 }), (paths) => {
      const before = confidenceOf(paths, "s");
      assert.ok(before >= 0 && before <= 1);
      assert.ok(confidenceOf([...paths, ...paths], "s") >= before - 1e-12);
    }),
  );
});

test("one answer that is missing is no second way, a hop where nobody answers is one router", () => {
  const seen = Array.from({ length: 8 }, () => ["a", "b", "c"]);
  const full = confidenceOf(seen, "s");
  assert.ok(Math.abs(full - (1 - 2 / 2 ** 8) ** 3) < 1e-12);
  const once = confidenceOf([...seen, ["a", undefined, "c"]], "s");
  assert.ok(once >= full);
  const never = confidenceOf(
    Array.from({ length: 8 }, () => ["a", undefined, "c"]),
    "s",
  );
  assert.ok(Math.abs(never - full) < 1e-12);
});
