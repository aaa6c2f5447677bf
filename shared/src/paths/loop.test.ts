import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findLoop } from "./loop.ts";

test("a loop is found wherever it begins, however long it is, whether all of it answers each time or not", () => {
  fc.assert(
    fc.property(
      fc.nat(6),
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 2, max: 4 }),
      fc.nat(5),
      fc.array(fc.nat(30), { maxLength: 3 }),
      (before, length, times, more, silent) => {
        const path: (string | undefined)[] = Array.from({ length: before }, (_, i) => `way ${i}`);
        for (let i = 0; i < length * times + (more % length); i++) path.push(`round ${i % length}`);
        assert.deepEqual(findLoop(path), { fromHop: before + 1, length });
        // The first and the last time round are heard whole.
        for (const at of silent) if (at >= before + length && at < path.length - length) path[at] = undefined;
        assert.deepEqual(findLoop(path), { fromHop: before + 1, length });
      },
    ),
  );
});

test("a path that visits nobody twice has no loop", () => {
  const path = fc.uniqueArray(fc.option(fc.string(), { nil: undefined }), { maxLength: 30 });
  fc.assert(fc.property(path, (addresses) => assert.equal(findLoop(addresses), undefined)));
});

test("a loop is none where one router answers for its neighbours, or a path comes by once more", () => {
  for (const path of ["a a a a", "a b a", "a b c d", "a b . b", ". . . .", "a b b b"])
    assert.equal(findLoop(path.split(" ").map((hop) => (hop === "." ? undefined : hop))), undefined, path);
  const silent = ["x", undefined, "a", "b", undefined, "b", "a", "b"];
  assert.deepEqual(findLoop(silent), { fromHop: 3, length: 2 });
});
