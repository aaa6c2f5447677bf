import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpeCourse, EpeRow } from "../src/api/types.ts";
import { moveCourses } from "../src/model/move-course.ts";

const MOVED = Date.parse("2026-11-30T12:00:10Z");
const COURSE: EpeCourse = {
  prefix: "3fff:510::/32",
  nodes: [
    {
      node: "blue-sfc",
      at: Array.from({ length: 60 }, (_, i) => new Date(MOVED + (i - 30) * 30_000 - 10_000).toISOString()),
      peers: [
        {
          peer: "xe/far",
          rttMs: Array.from({ length: 60 }, (_, i) => (i === 29 ? null : 50)),
          loss: Array.from({ length: 60 }, (_, i) => (i < 30 ? 0.2 : 0)),
        },
        {
          peer: "xe/near",
          rttMs: Array.from({ length: 60 }, (_, i) => (i <= 30 ? 21 : 20)),
          loss: Array.from({ length: 60 }, () => 0),
        },
      ],
    },
  ],
};
const row = (kind: string, prefix: string, from: string | null, to: string | null): EpeRow =>
  ({ id: 7, at: new Date(MOVED).toISOString(), prefix, body: { kind, from, to, done: true } }) as EpeRow;

test("around a move the old and the new way out are told apart, before and after, twenty cycles each side", () => {
  const [move, ...others] = moveCourses(COURSE, [row("move", "3fff:510::/32", "xe/far", "xe/near")]);
  assert.ok(move !== undefined && others.length === 0);
  assert.equal(move.minutes.length, 40);
  assert.ok((move.minutes[19] ?? 0) < 0 && (move.minutes[20] ?? 0) > 0);
  const [old, fresh] = move.peers;
  assert.deepEqual([old?.peer, old?.is, fresh?.peer, fresh?.is], ["xe/far", "old", "xe/near", "new"]);
  assert.deepEqual(old?.before, { rttMs: 50, lossPercent: 19, cycles: 20 });
  assert.deepEqual(old?.after, { rttMs: 50, lossPercent: 0, cycles: 20 });
  assert.deepEqual([fresh?.before.rttMs, fresh?.after.rttMs], [21, 20]);
});

test("what is no move, is of another destination, or lies before everything that is kept has no course", () => {
  const rows = [
    row("bad-path", "3fff:510::/32", null, null),
    row("move", "3fff:999::/32", "xe/far", "xe/near"),
    row("move", "3fff:510::/32", "xe/other", null),
  ];
  assert.deepEqual(moveCourses(COURSE, rows), []);
});
