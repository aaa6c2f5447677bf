import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toldIndex } from "./told-index.ts";

interface Entry {
  readonly key: string;
  readonly value: number;
}

const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor", "");
const entries = fc.array(fc.record({ key, value: fc.nat() }));

test("what the index finds is what find would, the first of several with one key too", () => {
  fc.assert(
    fc.property(entries, entries, key, (one, other, wanted) => {
      const find = toldIndex(
        ({ list }: { readonly list: readonly Entry[] }) => list,
        ({ key }) => key,
      );
      // Two messages at once, each asked twice: neither answers for the other.
      for (const list of [one, other].flatMap((list) => [{ list }, { list }]))
        for (let ask = 0; ask < 2; ask++)
          assert.equal(
            find(list, wanted),
            list.list.find((entry) => entry.key === wanted),
          );
    }),
  );
});

test("where nothing was told nothing is found", () => {
  assert.equal(toldIndex((list: readonly string[]) => list, String)(undefined, "a"), undefined);
});
