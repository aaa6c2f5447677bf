import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { BAD_FILES } from "./bad-files.ts";
import { formatFault } from "./fault.ts";
import { parseFabric } from "./parse.ts";

const quick = readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8");
const vsix = readFileSync(new URL("../../../examples/vsix.yaml", import.meta.url), "utf8");
const dns64 = readFileSync(new URL("../../../examples/dns64.yaml", import.meta.url), "utf8");

function lineOf(text: string, part: string): number {
  const at = text.indexOf(part);
  assert.ok(at >= 0, `the changed file has no ${JSON.stringify(part)}`);
  return text.slice(0, at).split("\n").length;
}

for (const [title, from, to, expected] of BAD_FILES) {
  test(`a file with ${title} is refused with every fault at its line`, () => {
    assert.ok(quick.includes(from), `examples/quick.yaml has no ${JSON.stringify(from)}`);
    const text = quick.replace(from, () => to);
    const result = parseFabric(text, "bad.yaml");
    assert.ok(!result.ok, "the file is taken");
    const shown = result.faults.map(formatFault).join("\n");
    for (const [lineHas, says] of expected) {
      const line = lineOf(text, lineHas);
      assert.ok(
        result.faults.some((fault) => fault.line === line && says.test(fault.message)),
        `no fault at line ${line} says ${says}; said:\n${shown}`,
      );
    }
    if (!/YAML/.test(shown)) assert.equal(result.faults.length, expected.length, shown);
  });
}

for (const [name, text] of [
  ["quick.yaml", quick],
  ["vsix.yaml", vsix],
  ["dns64.yaml", dns64],
] as const) {
  test(`examples/${name} is a valid fabric file`, () => {
    const result = parseFabric(text, name);
    assert.ok(result.ok, result.ok ? "" : result.faults.map(formatFault).join("\n"));
  });
}

test("a link between sites must be meant", () => {
  const text = vsix.replace("[edge-1, green-sfc]", "[edge-1, green-note]");
  const result = parseFabric(text, "x");
  assert.ok(!result.ok);
  assert.equal(result.faults.length, 1);
  assert.match(result.faults[0]?.message ?? "", /at sfc and green-note at note.*crossSite/);
  assert.ok(
    parseFabric(vsix.replace("[edge-1, green-sfc]", "[edge-1, green-note], crossSite: true"), "x").ok,
  );
});

test("an upstream's documentation prefix is a bogon unless excepted", () => {
  const text = quick.replace('except: ["3fff::/20"]', "except: []");
  const result = parseFabric(text, "x");
  assert.ok(!result.ok);
  assert.deepEqual(
    result.faults.map((fault) => fault.path),
    ["nodes.wide.prefixes[0]"],
  );
});

test("more than fifteen planes do not fit", () => {
  const extra = Array.from({ length: 14 }, (_, i) => `  p${i}: { memberAs: ${65200 + i} }`).join("\n");
  const result = parseFabric(quick.replace("planes:\n", `planes:\n${extra}\n`), "x");
  assert.ok(!result.ok);
  assert.ok(result.faults.some((fault) => /16 planes; locators leave room for 15/.test(fault.message)));
});

test("derived ids that collide are told to be written", () => {
  const nodes = Array.from({ length: 400 }, (_, i) => `  n${i}: { role: plane, plane: blue, site: sfc }`);
  const result = parseFabric(quick.replace("nodes:\n", `nodes:\n${nodes.join("\n")}\n`), "x");
  assert.ok(!result.ok);
  assert.ok(
    result.faults.some((fault) =>
      /derived id \d+ is also .*; give it an `id` of its own/.test(fault.message),
    ),
  );
});

test("hostile files are refused and never endless", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (let i = 1; i < 9; i++) {
    const [name, before] = [String.fromCharCode(97 + i), String.fromCharCode(96 + i)];
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]`);
  }
  for (const text of [
    "",
    "[]",
    "null",
    "--- {}\n--- {}\n",
    "a".repeat(2_000_000),
    "[".repeat(100_000),
    "{a: ".repeat(100_000),
    "- ".repeat(100_000),
    "? ".repeat(100_000),
    bomb.join("\n"),
    "nodes: &a [*a]",
    "a: &a { b: *a }",
    "!!binary x",
    "%YAML 9.9\n---\n",
    "nodes: { __proto__: { role: edge }, constructor: { role: edge } }",
    quick.replace("  wide: {", "  constructor: {"),
    "\u0000\u0001",
  ]) {
    const result = parseFabric(text, "x");
    assert.ok(!result.ok, text.slice(0, 40));
    assert.ok(result.faults.length > 0);
  }
});

test("no change of a character makes the parser throw or leave a place unnamed", () => {
  fc.assert(
    fc.property(fc.nat(quick.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
      const text = quick.slice(0, at) + put + quick.slice(at + 1);
      const result = parseFabric(text, "x");
      if (result.ok) return;
      const lines = text.split("\n").length;
      for (const fault of result.faults) {
        assert.ok(fault.line >= 1 && fault.line <= lines && fault.column >= 1, formatFault(fault));
      }
    }),
    { numRuns: 300 },
  );
});
