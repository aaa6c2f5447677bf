import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "./parse.ts";

const quick = readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8");
const parse = (section: string) => parseFabric(`${quick}\ntelescreen:\n${section}`, "telescreen.yaml");

test("a section that names nodes is filled in with the usual port, prefix and privacy", () => {
  const result = parse("  nodes: { blue-sfc: {} }\n");
  assert.ok(result.ok);
  assert.deepEqual(result.fabric.telescreen, {
    nodes: [{ name: "blue-sfc", rate: "router" }],
    pref64: ["64:ff9b::/96"],
    resolvers: [],
    ports: [53],
    timeoutMs: 10_000,
    privacy: { clients: "whole", names: "whole" },
  });
});

test("unknown nodes, prefixes that RFC 6052 has not, wrong addresses and a key are refused where they stand", () => {
  const result = parse(
    [
      "  nodes: { blue-sfo: {} }",
      "  pref64: ['2001:db8::/33']",
      "  resolvers: [somewhere]",
      "  privacy: { clients: pseudonym, key: 1f2e3d4c }",
      "",
    ].join("\n"),
  );
  assert.ok(!result.ok);
  const said = JSON.stringify(result);
  for (const part of ["blue-sfo", "2001:db8::/33", "somewhere", "stands in no fabric file"])
    assert.ok(said.includes(part), part);
  assert.ok(!said.includes("1f2e3d4c"));
});
