import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { compileNode, type NodeParts } from "./compile.ts";
import { diffParts } from "./diff.ts";
import { NO_INTENT, steerEdge } from "./intent.ts";
import { partBytes } from "./parts.ts";

const text = readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8");

function partsOf(yaml: string, node: string, intent = NO_INTENT): NodeParts {
  const result = parseFabric(yaml, "x");
  assert.ok(result.ok);
  return compileNode(result.fabric, intent, node);
}

test("no change, no line", () => {
  assert.deepEqual(diffParts(partsOf(text, "xe-sfc"), partsOf(text, "xe-sfc")), []);
});

test("a steered Edge is one line", () => {
  const after = partsOf(text, "green-sfc", steerEdge(NO_INTENT, "edge-1", "green"));
  assert.deepEqual(diffParts(partsOf(text, "green-sfc"), after), ["~ steering edges edge-1 med 200 -> 100"]);
});

test("a changed policy names each neighbour it touches", () => {
  const after = partsOf(text.replace("policies:", "policies:\n  holdS: 3"), "edge-1");
  assert.deepEqual(diffParts(partsOf(text, "edge-1"), after), [
    "~ bgp neighbours blue-sfc holdS 9 -> 3",
    "~ bgp neighbours green-sfc holdS 9 -> 3",
  ]);
});

test("the order of the file is no change", () => {
  const link = "  - { ends: [edge-1, blue-sfc] }\n";
  const moved = text.replace(link, "").replace("links:\n", `links:\n${link}`);
  assert.deepEqual(diffParts(partsOf(text, "blue-sfc"), partsOf(moved, "blue-sfc")), []);
});

test("a prefix more is told where it matters", () => {
  const after = partsOf(text.replace("[2001:db8:1::/48]", "[2001:db8:1::/48, 2001:db8:5::/48]"), "edge-1");
  assert.deepEqual(diffParts(partsOf(text, "edge-1"), after), [
    "+ fabric loopbackAddresses 2001:db8:5::1/128",
    "+ fabric blackholes 2001:db8:5::/48",
    "+ bgp originate 2001:db8:5::/48 prefix 2001:db8:5::/48, class edge",
  ]);
});

test("a new node is all plus and a removed one all minus", () => {
  const parts = partsOf(text, "noc");
  assert.ok(diffParts(undefined, parts).every((line) => line.startsWith("+ ")));
  assert.ok(diffParts(parts, undefined).every((line) => line.startsWith("- ")));
});

test("part bytes do not depend on the order of keys and are ASCII", () => {
  const [a, b] = [partBytes({ x: 1, y: ["ü"], z: undefined }), partBytes({ y: ["ü"], x: 1 })];
  assert.deepEqual(a, b);
  assert.equal(Buffer.from(a).toString("ascii"), '{"x":1,"y":["\\u00fc"]}');
});
