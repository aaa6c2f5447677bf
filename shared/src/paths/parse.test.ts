import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { formatFault } from "../fabric/fault.ts";
import { parseFabric } from "../fabric/parse.ts";
import { entriesFor } from "./expected.ts";
import { fabricDirectory } from "./fabric-directory.ts";
import { parseExpected } from "./parse.ts";

const example = readFileSync(new URL("../../../examples/expected.yaml", import.meta.url), "utf8");

/** What to change in the example, and then: text in the line of the fault, and what it says. */
const BAD: readonly (readonly [title: string, from: string, to: string, line: string, says: RegExp])[] = [
  ["another version", "version: 1", "version: 2", "version: 2", /version 2 is not known/],
  [
    "a node that nobody knows",
    "[blue-sfc, blue-note]",
    "[blue-sfd]",
    "[blue-sfd",
    /no node blue-sfd is known; did you mean blue-sfc\?; give its addresses under `hops`/,
  ],
  [
    "a plane that nobody is in",
    "- [plane: green x1-3]",
    "- [plane: gren]",
    "plane: gren]",
    /in a plane gren; did you mean green\?/,
  ],
  [
    "an AS number that nothing belongs to",
    "as: 64501, as: 64505]",
    "as: 64510]",
    "as: 64510]",
    /AS 64510; give one under `prefixes`/,
  ],
  [
    "the target as a hop",
    "[blue-sfc, blue-note]",
    '[blue-sfc, "2001:db8:6::1"]',
    '"2001:db8:6::1"]',
    /the target itself.*leave it out/,
  ],
  ["a hop that is none", "[blue-sfc, blue-note]", "[Blue!]", "[Blue!]", /"Blue!" is not a hop: a node name/],
  [
    "a prefix with bits beyond its length",
    "[blue-sfc, blue-note]",
    '["2001:db8::1/32"]',
    "::1/32",
    /not an IPv6 prefix without bits/,
  ],
  ["a repetition without end", "[blue-sfc, blue-note]", "[blue-sfc x99]", "x99", /"99" is not how often/],
  [
    "two things one hop should be",
    "[blue-sfc, blue-note]",
    "[{ node: blue-sfc, plane: blue }]",
    "{ node:",
    /exactly one goes here/,
  ],
  ["a plane that is an address", "[blue-sfc, blue-note]", "[{ node: '::1' }]", "{ node:", /"::1" is no node/],
  [
    "a hop of no known key",
    "[blue-sfc, blue-note]",
    "[{ plain: blue }]",
    "{ plain:",
    /not one of a text.*a node name, an address/,
  ],
  [
    "an address that is none",
    "[2001:db8:ff00::7]",
    "[192.0.2.1]",
    "192.0.2.1",
    /neither an IPv6 address nor a prefix/,
  ],
  [
    "an address of two routers",
    "[2001:db8:ff00::7]",
    "[2001:db8:ff00::1]",
    "xe-sfc:",
    /already an address of blue-sfc; keep one/,
  ],
  [
    "one pair twice",
    '- source: edge-1\n    target: { name: far, address: "3fff:510::1" }',
    '- source: edge-1\n    target: { name: edge-6, address: "2001:db8:6::1" }',
    '- source: edge-1\n    target: { name: edge-6, address: "2001:db8:6::1" }\n    protocol',
    /paths\[1\] already says/,
  ],
  [
    "a target with two addresses",
    'edge-1\n    target: { name: edge-6, address: "2001:db8:6::1" }',
    'edge-1\n    target: { name: edge-6, address: "2001:db8:6::2" }',
    "6::2",
    /one name means one address/,
  ],
  ["an unknown key", "rttMs: 50", "rttMillis: 50", "rttMillis", /`rttMillis` is not known here/],
  [
    "an interval of nothing",
    "intervalS: 10",
    "intervalS: 0",
    "intervalS: 0",
    /a whole number from 1 to 3600/,
  ],
];

for (const [title, from, to, lineHas, says] of BAD) {
  test(`a file with ${title} is refused with the line and what would be right`, () => {
    assert.ok(example.includes(from), `the example has no ${JSON.stringify(from)}`);
    const text = example.replace(from, () => to);
    const result = parseExpected(text, "bad.yaml");
    assert.ok(!result.ok, "the file is taken");
    const line = text.slice(0, text.indexOf(lineHas)).split("\n").length;
    const shown = result.faults.map(formatFault).join("\n");
    assert.ok(
      result.faults.some((fault) => fault.line === line && says.test(fault.message)),
      `line ${line}: ${shown}`,
    );
  });
}

test("every fault of a file is said at once, in the order of the file", () => {
  const text = example
    .replace("rttMs: 50", "rttMs: fast")
    .replace("[blue-sfc, blue-note]", "[blue-sfd, gren-note]");
  const result = parseExpected(text, "x");
  assert.ok(!result.ok);
  assert.equal(result.faults.length, 3, result.faults.map(formatFault).join("\n"));
});

test("defaults are filled in, the entry's own word first", () => {
  const result = parseExpected(example, "x");
  assert.ok(result.ok);
  const { allowed, ...last } = result.expected.entries.at(-1) ?? { allowed: [] };
  assert.deepEqual(last, {
    source: "edge-1",
    target: "far",
    targetAddress: "3fff:510::1",
    protocol: "udp",
    flows: 8,
    intervalMs: 10_000,
    maxLossPercent: 10,
  });
  assert.deepEqual(
    allowed.map((path) => path.map(({ text }) => text)),
    [
      ["blue-sfc", "xe-sfc", "as: 64501", "as: 64505"],
      ["plane: blue x1-3", "xe-note", "as: 64500 | as: 64501", "as: 64505", "..."],
    ],
  );
});

test("what a node traces is its own entries, and everybody's where it has none", () => {
  const result = parseExpected(example, "x");
  assert.ok(result.ok);
  const targets = (source: string) =>
    entriesFor(result.expected, source).map((entry) => `${entry.source} ${entry.target}`);
  assert.deepEqual(targets("edge-1"), ["edge-1 edge-6", "edge-1 far"]);
  assert.deepEqual(targets("edge-2"), ["* edge-6"]);
});

test("names, planes and AS numbers may come from the fabric", () => {
  const vsix = parseFabric(
    readFileSync(new URL("../../../examples/vsix.yaml", import.meta.url), "utf8"),
    "vsix.yaml",
  );
  assert.ok(vsix.ok);
  const known = fabricDirectory(vsix.fabric);
  const text =
    example.slice(0, example.indexOf("# Who answers")) + example.slice(example.indexOf("# For entries"));
  assert.ok(!parseExpected(text, "x").ok);
  const sources = new Set(vsix.fabric.nodes.map(({ name }) => name));
  const result = parseExpected(text, "x", { known, sources });
  assert.ok(result.ok, result.ok ? "" : result.faults.map(formatFault).join("\n"));
  const wrong = parseExpected(text.replace("source: edge-1", "source: edge-x"), "x", { known, sources });
  assert.ok(!wrong.ok && /no node edge-x.*did you mean edge-/.test(wrong.faults[0]?.message ?? ""));
  for (const link of vsix.fabric.links) {
    for (const end of link.ends) assert.equal(known.lookup(end.address)?.node, end.node);
  }
  assert.deepEqual(known.lookup("2001:db8:ff00::1"), { node: "blue-sfc", plane: "blue", as: [65101, 4690] });
  assert.deepEqual(known.lookup("3fff:250::9"), { as: [2500] });
});

test("hostile files are refused and never endless", () => {
  for (const text of [
    "",
    "[]",
    "paths: &a [*a]",
    "a".repeat(2_000_000),
    "paths: [{}]",
    "version: 1\npaths: [null]",
    "version: 1\npaths: []",
  ]) {
    const result = parseExpected(text, "x");
    assert.ok(!result.ok && result.faults.length > 0, text.slice(0, 40));
  }
  const wide = `version: 1\npaths:\n  - source: a\n    target: { name: t, address: '::1' }\n    allowed:\n${"      - ['* x32', '* x32', '* x32', '* x32', '* x32']\n".repeat(64)}`;
  const result = parseExpected(wide, "x");
  assert.ok(!result.ok && /together 10304 hops long; at most 4096/.test(result.faults[0]?.message ?? ""));
});

test("no change of a character makes the parser throw or leave a place unnamed", () => {
  fc.assert(
    fc.property(fc.nat(example.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
      const text = example.slice(0, at) + put + example.slice(at + 1);
      const result = parseExpected(text, "x");
      if (result.ok) return;
      const lines = text.split("\n").length;
      assert.ok(result.faults.length > 0);
      for (const fault of result.faults) {
        assert.ok(fault.line >= 1 && fault.line <= lines && fault.column >= 1, formatFault(fault));
      }
    }),
    { numRuns: 300 },
  );
});
