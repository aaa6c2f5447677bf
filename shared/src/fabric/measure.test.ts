import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MAX_MEASURE_TARGETS } from "./defaults.ts";
import { parseFabric } from "./parse.ts";

const quick = readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8");
const big = readFileSync(new URL("../../../examples/vsix.yaml", import.meta.url), "utf8");

function measureOf(text: string) {
  const parsed = parseFabric(text, "test.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return { fabric: parsed.fabric, measure: parsed.fabric.measure };
}

test("a file that names no targets has its upstreams measured, and none that stands behind another", () => {
  assert.deepEqual(measureOf(quick).measure, {
    intervalMs: 100,
    size: 104,
    maxPacketsPerS: 200,
    targets: [{ name: "wide", address: "3fff:250::1" }],
  });
  const { fabric, measure } = measureOf(big);
  const near = fabric.links
    .filter(({ kind }) => kind === "upstream")
    .flatMap(({ ends }) => ends.map(({ node }) => node));
  const upstreams = fabric.nodes.filter(({ role }) => role === "upstream");
  assert.ok(upstreams.some(({ name }) => !near.includes(name)));
  assert.deepEqual(
    measure.targets.map(({ name }) => name),
    upstreams.filter(({ name }) => near.includes(name)).map(({ name }) => name),
  );
});

test("named targets replace the upstreams, in the order of the file and in one way of writing", () => {
  const text = `${quick}\nmeasure: { targets: { dns: "3FFF:250:0::53", web: 3fff:250::80 }, intervalMs: 20, size: 1280 }\n`;
  assert.deepEqual(measureOf(text).measure, {
    intervalMs: 20,
    size: 1280,
    maxPacketsPerS: 200,
    targets: [
      { name: "dns", address: "3fff:250::53" },
      { name: "web", address: "3fff:250::80" },
    ],
  });
});

test("more targets than are bounded, and echoes closer than 20 ms, are refused", () => {
  const many = Array.from({ length: MAX_MEASURE_TARGETS + 1 }, (_, i) => `t${i}: "3fff:250::${i + 1}"`);
  const texts = [
    [`${quick}\nmeasure: { targets: { ${many.join(", ")} } }\n`, /65 targets, at most 64/],
    [`${quick}\nmeasure: { intervalMs: 19 }\n`, /intervalMs|20/],
  ] as const;
  for (const [text, says] of texts) {
    const parsed = parseFabric(text, "test.yaml");
    assert.ok(!parsed.ok);
    assert.match(parsed.faults.map(({ message }) => message).join("\n"), says);
  }
});
