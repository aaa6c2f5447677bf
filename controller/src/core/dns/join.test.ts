import assert from "node:assert/strict";
import { test } from "node:test";
import { HALF } from "@vsix/shared/dns/row.ts";
import fc from "fast-check";
import { joinRows } from "./join.ts";

type Row = readonly [timeMs: number, point: number, half: keyof typeof HALF, hash?: number, key?: number];

function join(rows: readonly Row[]) {
  const { dropped, duplicates, joined } = joinRows({
    count: rows.length,
    timesUs: Float64Array.from(rows, ([ms]) => ms * 1000),
    keys: Float64Array.from(rows, ([, , , , key = 7]) => key),
    points: Uint16Array.from(rows, ([, point]) => point),
    halves: Uint8Array.from(rows, ([, , half]) => HALF[half]),
    hashes: Uint32Array.from(rows, ([, , , hash = 1]) => hash),
  });
  return { counted: [...dropped].map((drop) => (drop === 0 ? 1 : 0)), duplicates, joined };
}

test("a query on Blue and its response on Green are one, and the response counts", () => {
  assert.deepEqual(
    join([
      [0, 1, "query"],
      [20, 2, "response"],
    ]),
    { counted: [0, 1], duplicates: 0, joined: 1 },
  );
});

test("a response may be stamped a little before its query, not long before, and not long after", () => {
  assert.equal(
    join([
      [900, 1, "query"],
      [0, 2, "response"],
    ]).joined,
    1,
  );
  assert.equal(
    join([
      [1_100, 1, "query"],
      [0, 2, "response"],
    ]).joined,
    0,
  );
  assert.equal(
    join([
      [0, 1, "query"],
      [15_100, 2, "response"],
    ]).joined,
    0,
  );
});

test("the same pair at two points counts at the first", () => {
  assert.deepEqual(
    join([
      [3, 2, "whole"],
      [0, 1, "whole"],
    ]),
    { counted: [0, 1], duplicates: 1, joined: 0 },
  );
});

test("two pairs at each of two points are two, and one point's own are all counted", () => {
  const both: Row[] = [
    [0, 1, "whole"],
    [1, 2, "whole"],
    [500, 1, "whole"],
    [501, 2, "whole"],
  ];
  assert.equal(join(both).duplicates, 2);
  assert.equal(
    join([
      [0, 1, "whole"],
      [1, 1, "whole"],
      [2, 1, "whole"],
    ]).duplicates,
    0,
  );
  assert.equal(
    join([
      [0, 1, "whole"],
      [2_100, 2, "whole"],
    ]).duplicates,
    0,
    "too far apart",
  );
});

test("halves of an exchange that was seen whole elsewhere do not count", () => {
  assert.deepEqual(
    join([
      [0, 1, "whole"],
      [1, 2, "query"],
      [30, 3, "response"],
    ]),
    { counted: [1, 0, 0], duplicates: 2, joined: 0 },
  );
});

test("halves seen at two points are the same only if the message is, and then join once", () => {
  assert.deepEqual(
    join([
      [0, 1, "query", 5],
      [1, 2, "query", 5],
      [20, 3, "response", 6],
      [21, 4, "response", 6],
    ]),
    { counted: [0, 0, 1, 0], duplicates: 2, joined: 1 },
  );
  assert.equal(
    join([
      [0, 1, "query", 5],
      [1, 2, "query", 9],
    ]).duplicates,
    0,
  );
});

test("rows of another key are left alone", () => {
  assert.equal(
    join([
      [0, 1, "query", 1, 1],
      [1, 2, "response", 1, 2],
    ]).joined,
    0,
  );
});

test("whatever the rows are, each exchange keeps one that counts", () => {
  const row = fc.tuple(
    fc.nat(40_000),
    fc.nat(3),
    fc.constantFrom("whole", "query", "response"),
    fc.nat(2),
    fc.nat(3),
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const { counted } = join(rows as Row[]);
      for (const key of new Set(rows.map(([, , , , k]) => k)))
        assert.ok(rows.some(([, , , , k], i) => k === key && counted[i] === 1));
    }),
  );
});

test("one key a hundred thousand times is judged in a moment", () => {
  const rows = Array.from({ length: 100_000 }, (_, i): Row => [i / 100, i % 2, "query", i]);
  assert.equal(join(rows).counted.length, 100_000);
});
