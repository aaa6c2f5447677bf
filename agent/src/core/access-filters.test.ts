import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sortedLike } from "./access-filters.ts";

test("elements are sorted and each there once, whatever was there before", () => {
  const texts = fc.array(fc.constantFrom(..."abcdefghij"));
  fc.assert(
    fc.property(texts, texts, (now, then) => {
      const before = [...new Set(then)].sort();
      const after = sortedLike(now, before);
      assert.deepEqual(after, [...new Set(now)].sort());
      assert.equal(sortedLike(now, after), after);
    }),
  );
});
