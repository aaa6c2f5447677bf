import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DueHeap } from "./due-heap.ts";

test("numbers come out by time, and of one time by number", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
      const heap = new DueHeap(times.length);
      times.forEach((atUs, number) => {
        heap.push(number, atUs);
      });
      const out: (readonly [number, number])[] = [];
      for (; heap.size > 0; heap.pop()) out.push([heap.firstUs, heap.first]);
      const sorted = times
        .map((atUs, number) => [atUs, number] as const)
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      assert.deepEqual(out, sorted);
      assert.deepEqual([heap.first, heap.firstUs], [-1, Number.POSITIVE_INFINITY]);
    }),
  );
});
