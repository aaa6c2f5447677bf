import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "../fabric/parse.ts";
import { fabricDirectory } from "./fabric-directory.ts";

test("a plane's router is in its plane; an External Edge, with a locator in each, is in none", () => {
  const parsed = parseFabric(
    readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8"),
    "quick.yaml",
  );
  assert.ok(parsed.ok);
  const directory = fabricDirectory(parsed.fabric);
  const planes = ["blue-sfc", "green-sfc", "xe-sfc", "edge-1"].map((node) => directory.planeOf(node));
  assert.deepEqual(planes, ["blue", "green", undefined, undefined]);
  // A packet to one of its locators goes by that locator's plane all the same.
  const locators = parsed.fabric.nodes.find(({ name }) => name === "xe-sfc")?.locators ?? [];
  assert.equal(locators.length, 2);
  for (const { prefix, plane } of locators)
    assert.equal(directory.lookup(prefix.replace("/64", "1"))?.plane, plane);
});
