import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { formatFault } from "../fabric/fault.ts";
import { type BuildOptions, type BuiltHop, buildFlow, buildTrace, TARGET } from "./build-trace.ts";
import { findEntry } from "./expected.ts";
import { judgeTrace } from "./judge.ts";
import { parseExpected } from "./parse.ts";

const text = `version: 1
hops:
  blue-1: { plane: blue, addresses: ["2001:db8:b::1"] }
  blue-2: { plane: blue, addresses: ["2001:db8:b::2"] }
  blue-3: { plane: blue, addresses: ["2001:db8:b::3"] }
  green-1: { plane: green, addresses: ["2001:db8:c::1"] }
  xe: { addresses: ["2001:db8:e::1"] }
paths:
  - source: edge-1
    target: { name: far, address: "${TARGET}" }
    lossPercent: 10
    rttMs: 50
    allowed: [[blue-1, xe], [blue-2, xe]]
`;
const [B1, B2, B3, G1, XE] = [
  "2001:db8:b::1",
  "2001:db8:b::2",
  "2001:db8:b::3",
  "2001:db8:c::1",
  "2001:db8:e::1",
] as const;

function judge(paths: readonly (readonly BuiltHop[])[], options: BuildOptions = {}) {
  const result = parseExpected(text, "x");
  assert.ok(result.ok, result.ok ? "" : result.faults.map(formatFault).join("\n"));
  const entry = findEntry(result.expected, "edge-1", "far");
  assert.ok(entry !== undefined);
  const flows = paths.map((hops, i) => buildFlow(i, hops, options));
  return judgeTrace(buildTrace(flows), entry, result.expected.directory);
}

test("flows that are balanced over allowed paths are as expected, and the plane is told", () => {
  const verdict = judge([
    [B1, XE],
    [B2, XE],
    [[B1, B2], XE],
  ]);
  assert.equal(verdict.kind, "as-expected");
  assert.deepEqual(verdict.planes, ["blue"]);
  assert.equal(verdict.flow, undefined);
});

test("whichever of the allowed paths each flow takes, the verdict never changes", () => {
  const allowed = fc.constantFrom<readonly BuiltHop[]>([B1, XE], [B2, XE], [[B1, B2], XE]);
  fc.assert(
    fc.property(fc.array(allowed, { minLength: 1, maxLength: 16 }), (paths) => {
      const { kind, words, planes } = judge(paths);
      assert.deepEqual(
        { kind, words, planes },
        { kind: "as-expected", words: "as expected", planes: ["blue"] },
      );
    }),
  );
});

test("another router of the same plane is a changed path, said with flow, hop and names", () => {
  const verdict = judge([
    [B1, XE],
    [B3, XE],
  ]);
  assert.equal(verdict.kind, "path-changed");
  assert.deepEqual([verdict.flow, verdict.hop], [1, 1]);
  assert.equal(
    verdict.words,
    `1 of 2 flows on a path that is not allowed: flow 1: at hop 1 blue-3 (${B3}) answers where blue-1 or blue-2 was expected`,
  );
});

test("a router of a plane that is not allowed is a changed plane", () => {
  const verdict = judge([[G1, XE]]);
  assert.equal(verdict.kind, "plane-changed");
  assert.deepEqual([verdict.planes, verdict.expectedPlanes], [["green"], ["blue"]]);
});

test("a hop that says nothing is told, but is no change", () => {
  const verdict = judge([[undefined, XE]]);
  assert.deepEqual([verdict.kind, verdict.hop], ["hop-silent", 1]);
});

test("a router that limits its answers is told, but is no change", () => {
  assert.equal(judge([[B1, XE]], { rateLimited: [1] }).kind, "hop-rate-limiting");
});

test("each way not to arrive is unreachable, with the hop that says so", () => {
  const ways = [
    [{ kind: "unreachable", hop: 2, address: XE, code: 0 }, /at hop 2 xe .* no route/],
    [{ kind: "silent", fromHop: 3 }, /nothing answers from hop 3 on/],
    [{ kind: "too-long", maxHops: 30 }, /not reached in 30 hops/],
  ] as const;
  for (const [end, says] of ways) {
    const verdict = judge([[B1, XE]], { end });
    assert.equal(verdict.kind, "destination-unreachable");
    assert.match(verdict.words, says);
  }
});

test("unreachable and on a strange path, both are said", () => {
  const verdict = judge([[G1]], { end: { kind: "silent", fromHop: 2 } });
  assert.match(verdict.words, /nothing answers from hop 2 on; before that, at hop 1 green-1/);
  assert.deepEqual(verdict.planes, ["green"]);
});

test("the target's closed port is an arrival", () => {
  const end = { kind: "unreachable", hop: 3, address: TARGET, code: 4 } as const;
  assert.equal(judge([[B1, XE]], { end }).kind, "as-expected");
});

test("loss and time over the thresholds are told, under them not", () => {
  assert.equal(judge([[B1, XE]], { sent: 10, arrived: 9 }).kind, "as-expected");
  const lossy = judge([[B1, XE]], { sent: 10, arrived: 8 });
  assert.equal(lossy.kind, "lossy-or-slow");
  assert.match(lossy.words, /20 % lost \(at most 10 %\)/);
  assert.equal(judge([[B1, XE]], { rttUs: 50_001 }).kind, "lossy-or-slow");
  assert.equal(judge([[B1, XE]], { rttUs: 50_000 }).kind, "as-expected");
});

test("a trace that could not be sent, or has no flow, is not measured rather than well", () => {
  const failed = judge([[]], { end: { kind: "failed", reason: "no\u0007buffer\u202espace" } });
  assert.equal(failed.kind, "not-measured");
  assert.match(failed.words, /no buffer space/);
  assert.equal(judge([]).kind, "not-measured");
});

test("the example is valid, and judges the network that it was written for", () => {
  const example = readFileSync(new URL("../../../examples/expected.yaml", import.meta.url), "utf8");
  const result = parseExpected(example, "expected.yaml");
  assert.ok(result.ok, result.ok ? "" : result.faults.map(formatFault).join("\n"));
  const entry = findEntry(result.expected, "edge-1", "edge-6");
  assert.ok(entry !== undefined && entry.allowed.length === 1);
  assert.equal(findEntry(result.expected, "edge-3", "edge-6")?.source, "*");
  const through = (one: string, other: string) =>
    judgeTrace(
      buildTrace([{ ...buildFlow(0, [one, other]) }], { target: "edge-6" }),
      entry,
      result.expected.directory,
    ).kind;
  assert.equal(through("2001:db8:ff00::1", "2001:db8:ff00::3"), "as-expected");
  assert.equal(through("2001:db8:ff00::4", "2001:db8:ff00::6"), "plane-changed");
});
