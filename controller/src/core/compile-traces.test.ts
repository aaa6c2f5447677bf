import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { fabricDirectory } from "@vsix/shared/paths/fabric-directory.ts";
import { fitExpected, parseExpected } from "@vsix/shared/paths/parse.ts";
import { compileNode } from "./compile.ts";
import { expectedOrders, joinOrders, traceSources } from "./compile-traces.ts";
import { NO_INTENT } from "./intent.ts";

const text = readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8");
const parsed = parseFabric(text, "quick.yaml");
assert.ok(parsed.ok);
const { fabric } = parsed;
const options = { known: fabricDirectory(fabric), sources: traceSources(fabric) };
const edge = fabric.nodes.find(({ name }) => name === "edge-1");
const target = `{ name: home, address: "${edge?.loopback}" }`;

const FILE = `version: 1
defaults: { flows: 4, intervalS: 5 }
paths:
  - { source: "*", target: ${target}, allowed: [["..."]] }
  - { source: xe-sfc, target: ${target}, protocol: tcp, allowed: [[blue-sfc], [green-sfc]] }
`;

test('every node of ours traces what "*" says, except who has a word of his own, and who is the target himself', () => {
  const result = parseExpected(FILE, "expected.yaml", options);
  assert.ok(result.ok);
  const orders = expectedOrders(fabric, result.expected);
  const ours = fabric.nodes.filter(({ software }) => software === "vsix").map(({ name }) => name);
  assert.ok(ours.includes("edge-1"));
  assert.deepEqual(
    [...orders.keys()],
    ours.filter((name) => name !== "edge-1"),
  );
  const order = { name: "home", address: edge?.loopback, flows: 4, intervalMs: 5000, mtuEvery: 30 };
  assert.deepEqual(orders.get("blue-sfc"), [{ ...order, protocol: "icmp6" }]);
  assert.deepEqual(orders.get("xe-sfc"), [{ ...order, protocol: "tcp" }]);
  const { probes } = compileNode(fabric, NO_INTENT, "xe-sfc", orders);
  assert.deepEqual(probes?.traces, { maxPacketsPerS: 500, orders: orders.get("xe-sfc") });
  assert.equal(compileNode(fabric, NO_INTENT, "edge-1", orders).probes?.traces, undefined);
});

test("what is learned beside expected paths asks for the busier of the two", () => {
  const order = { name: "a", address: "2001:db8::1", protocol: "udp", flows: 4, intervalMs: 9000 } as const;
  const joined = joinOrders(
    new Map([["n", [order]]]),
    new Map([
      ["n", [{ ...order, protocol: "icmp6", flows: 2, intervalMs: 1000 } as const, { ...order, name: "b" }]],
      ["m", [order]],
    ]),
  );
  assert.deepEqual(joined.get("n"), [
    { ...order, intervalMs: 1000 },
    { ...order, name: "b" },
  ]);
  assert.deepEqual(joined.get("m"), [order]);
});

test("of a file that a changed network does not fit, the other entries stand", () => {
  const file = `${FILE}  - { source: gone-1, target: ${target}, allowed: [[gone-2]] }\n`;
  const { expected, faults } = fitExpected(file, "expected.yaml", options);
  assert.deepEqual(
    faults.map(({ line }) => line),
    [6, 6],
  );
  assert.deepEqual(
    expected?.entries.map(({ source }) => source),
    ["*", "xe-sfc"],
  );
  assert.equal(parseExpected(file, "expected.yaml", options).ok, false);
  assert.equal(
    fitExpected(file.replace("flows: 4", "flows: 0"), "expected.yaml", options).expected,
    undefined,
  );
});
