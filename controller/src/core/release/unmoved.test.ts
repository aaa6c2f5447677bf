import assert from "node:assert/strict";
import { test } from "node:test";
import { noteUnmoved } from "./unmoved.ts";

const EDGES = ["edge-1", "edge-2"];

test("an Edge's own past ends with the last look before it was steered, and does not begin again when it is led back", () => {
  const first = noteUnmoved(undefined, { steered: [], windowToMs: 1000 }, EDGES);
  assert.deepEqual(first.get("edge-1"), { hasMoved: false, untilMs: 1000 });
  const moving = noteUnmoved(first, { steered: ["edge-1"], windowToMs: 2000 }, EDGES);
  assert.deepEqual(moving.get("edge-1"), { hasMoved: true, untilMs: 1000 });
  assert.deepEqual(moving.get("edge-2"), { hasMoved: false, untilMs: 2000 });
  const back = noteUnmoved(moving, { steered: [], windowToMs: 3000 }, EDGES);
  assert.deepEqual(back.get("edge-1"), { hasMoved: true, untilMs: 1000 });
});

test("an Edge that was on its way when the controller was started anew has no past to be compared with", () => {
  const first = noteUnmoved(undefined, { steered: ["edge-1"], windowToMs: 1000 }, EDGES);
  const seen = noteUnmoved(first, { steered: ["edge-1"], windowToMs: 2000 }, EDGES);
  assert.deepEqual(seen.get("edge-1"), { hasMoved: true, untilMs: undefined });
});
