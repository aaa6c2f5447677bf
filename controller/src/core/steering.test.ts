import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { getNode } from "@vsix/shared/fabric/query.ts";
import fc from "fast-check";
import {
  drainPlane,
  type Intent,
  intentFaults,
  NO_INTENT,
  releaseEdge,
  steerEdge,
  undrainPlane,
} from "./intent.ts";
import { type EdgeSteering, effectiveSteering, type SteeringOptions, wantedPlane } from "./steering.ts";

const parsed = parseFabric(
  readFileSync(new URL("../../../examples/vsix.yaml", import.meta.url), "utf8"),
  "x",
);
assert.ok(parsed.ok);
const { fabric } = parsed;

function steeringOf(intent: Intent, edge: string, options?: SteeringOptions): EdgeSteering | undefined {
  const result = effectiveSteering(fabric, intent, options);
  assert.ok(result.ok);
  return result.edges.find((one) => one.edge === edge);
}

test("an Edge is where it prefers to be, unless it is steered", () => {
  assert.deepEqual(steeringOf(NO_INTENT, "edge-4"), {
    edge: "edge-4",
    plane: "green",
    reason: "prefers",
    meds: { blue: 200, green: 100 },
  });
  const steered = steerEdge(NO_INTENT, "edge-4", "blue");
  assert.deepEqual(steeringOf(steered, "edge-4"), {
    edge: "edge-4",
    plane: "blue",
    reason: "steered",
    meds: { blue: 100, green: 200 },
  });
  assert.equal(steeringOf(releaseEdge(steered, "edge-4"), "edge-4")?.reason, "prefers");
});

test("a drain moves everybody, also who is steered there, and undrain moves them back", () => {
  const drained = drainPlane(steerEdge(NO_INTENT, "edge-1", "green"), "green");
  for (const edge of ["edge-1", "edge-4", "edge-6"]) {
    assert.deepEqual(steeringOf(drained, edge), {
      edge,
      plane: "blue",
      reason: "drained",
      meds: { blue: 100, green: 1000 },
    });
  }
  assert.equal(steeringOf(undrainPlane(drained, "green"), "edge-1")?.plane, "green");
});

test("a drain that leaves an Edge without a plane is refused by name unless forced", () => {
  const all = drainPlane(drainPlane(NO_INTENT, "green"), "blue");
  const refused = effectiveSteering(fabric, all);
  assert.ok(!refused.ok);
  assert.equal(refused.code, "no-plane-left");
  assert.equal(refused.edges.length, 7);
  assert.deepEqual(steeringOf(all, "edge-1", { force: true }), {
    edge: "edge-1",
    plane: "blue",
    reason: "forced",
    meds: { blue: 100, green: 1000 },
  });
});

test("a plane that is seen not to work is no refuge from a drain", () => {
  const refused = effectiveSteering(fabric, drainPlane(NO_INTENT, "green"), {
    broken: [{ edge: "edge-4", plane: "blue" }],
  });
  assert.ok(!refused.ok);
  assert.deepEqual(refused.edges, ["edge-4"]);
});

test("whatever the intent, the wanted plane alone has the lowest MED", () => {
  const name = fc.constantFrom("blue", "green", "constructor", "__proto__");
  const intent = fc.record({
    steer: fc.dictionary(fc.constantFrom("edge-1", "edge-4", "noc", "nobody", "toString"), name),
    drained: fc.uniqueArray(name),
  });
  fc.assert(
    fc.property(intent, (one) => {
      const result = effectiveSteering(fabric, one, { force: true });
      assert.ok(result.ok);
      for (const { edge, plane, meds } of result.edges) {
        assert.equal(wantedPlane(fabric, one, getNode(fabric, edge)), plane);
        const lowest = Math.min(...Object.values(meds));
        assert.deepEqual(
          Object.entries(meds)
            .filter(([, med]) => med === lowest)
            .map(([key]) => key),
          [plane],
        );
      }
    }),
  );
});

test("an intent that names what the fabric does not have says so", () => {
  assert.deepEqual(intentFaults(fabric, steerEdge(NO_INTENT, "edge-1", "green")), []);
  const codes = intentFaults(fabric, drainPlane(steerEdge(NO_INTENT, "wide", "red"), "pink")).map(
    ({ code }) => code,
  );
  assert.deepEqual(codes, ["unknown-edge", "unknown-plane", "unknown-plane"]);
});
