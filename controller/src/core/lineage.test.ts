import assert from "node:assert/strict";
import { test } from "node:test";
import { aheadOf, type Ours } from "./lineage.ts";

const ours: Ours = {
  epoch: 5,
  lineage: 77,
  floor: 0,
  hasFabric: true,
  made: (node) => (node === "edge-1" ? { generation: 7, content: "aa" } : undefined),
};
const says = (epoch: number, generation: number, content?: string, than: Partial<Ours> = {}) =>
  aheadOf(
    { node: "edge-1", epoch, generation, ...(content === undefined ? {} : { content }) },
    { ...ours, ...than },
  );

test("what this controller made, or made before, is no conflict", () => {
  for (const report of [
    says(5, 7, "aa"),
    says(5, 6, "bb"),
    says(4, 7, "aa"),
    says(5, 7),
    says(0, 0),
    aheadOf({ node: "stranger", epoch: 5, generation: 99 }, ours),
  ])
    assert.equal(report, undefined);
});

test("a newer epoch, a newer generation of any epoch, and other content of the same one are", () => {
  assert.match(says(6, 1) ?? "", /edge-1 holds generation 1 of epoch 6; this controller is at epoch 5/);
  // A database restored from a backup begins a new epoch at its start: the generation gives it away.
  assert.match(says(3, 8) ?? "", /the newest that this controller has made is 7/);
  assert.match(says(5, 7, "bb") ?? "", /other content/);
  assert.match(says(4, 7, "bb") ?? "", /other content/);
  assert.match(says(1, 1, undefined, { hasFabric: false }) ?? "", /published nothing/);
});

test("another database is told by its number, however old its epoch and generation are", () => {
  const report = { node: "edge-1", epoch: 1, generation: 1 };
  assert.match(aheadOf({ ...report, lineage: 78 }, ours) ?? "", /from another controller's database/);
  assert.equal(aheadOf({ ...report, lineage: 77 }, ours), undefined);
  assert.equal(aheadOf({ ...report, lineage: 78 }, { ...ours, floor: 1 }), undefined);
});

test("what a raise has given up is none any more", () => {
  assert.equal(says(5, 99, undefined, { epoch: 6, floor: 5 }), undefined);
  assert.match(says(6, 99, undefined, { epoch: 6, floor: 5 }) ?? "", /newest/);
});
