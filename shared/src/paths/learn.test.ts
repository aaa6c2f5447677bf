import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatFault } from "../fabric/fault.ts";
import { parseAddress } from "../net/address.ts";
import { type BuiltHop, buildFlow, buildTrace, TARGET } from "./build-trace.ts";
import { EMPTY_DIRECTORY, type HopDirectory, hopDirectory, joinDirectories } from "./directory.ts";
import { judgeTrace } from "./judge.ts";
import { learnExpected } from "./learn.ts";
import { parseExpected } from "./parse.ts";
import type { Trace, TraceEnd } from "./trace.ts";
import { levelOf } from "./verdict.ts";
import { isGood } from "./watch-state.ts";

const AT = Date.UTC(2026, 0, 2);
const directory = hopDirectory(
  ["blue-1", "true", "null"].map((node, i) => ({
    prefix: { address: parseAddress(`2001:db8:b::${i + 1}`) ?? new Uint8Array(16), length: 128 },
    node,
    plane: "blue",
    as: [65101],
  })),
);

function learned(traces: readonly Trace[], known: HopDirectory, standalone: boolean) {
  const text = learnExpected(traces, known, { at: AT, standalone });
  const result = parseExpected(text, "learned.yaml", standalone ? {} : { known });
  assert.ok(result.ok, result.ok ? "" : `${result.faults.map(formatFault).join("\n")}\n${text}`);
  return { text, expected: result.expected };
}

test("a learned file says in comments what it is, and lists each path once", () => {
  const flows = [["2001:db8:b::1", undefined], ["2001:db8:e::1"], ["2001:db8:b::1", undefined]];
  const trace = buildTrace(
    flows.map((hops, i) => buildFlow(i, hops)),
    { allPathsSeen: 0.95 },
  );
  const { text } = learned([trace], directory, true);
  assert.equal(
    text,
    `# Expected paths, learned from traces of 2026-01-02T00:00:00.000Z.
# Read it before you trust it: whatever was wrong then is called right here.
# Names are safer than addresses; \`plane: blue x1-3\` is safer than a list, where the way inside a plane may change.
version: 1

hops:
  blue-1: { plane: blue, as: 65101, addresses: ["2001:db8:b::1"] }

paths:
  # edge-1 to far: 3 flows, 2 different paths; plane blue; every equal-cost path seen with 95 % confidence.
  - source: edge-1
    target: { name: far, address: "${TARGET}" }
    protocol: icmp6
    flows: 3
    allowed:
      - [blue-1, "*"]
      - ["2001:db8:e::1"]
`,
  );
});

test("a hop that one flow did not hear and another did is no wildcard", () => {
  const heard = ["2001:db8:b::1", "2001:db8:e::1"];
  const flows = [heard, ["2001:db8:b::1", undefined], [undefined, undefined], heard, [undefined]];
  const trace = buildTrace(flows.map((hops, i) => buildFlow(i, hops)));
  const { text, expected } = learned([trace], directory, false);
  assert.match(text, /2 different paths/);
  assert.match(text, /allowed:\n {6}- \[blue-1, "2001:db8:e::1"\]\n {6}- \["\*"\]\n$/);
  const [entry] = expected.entries;
  assert.ok(entry !== undefined);
  const verdict = judgeTrace(trace, entry, joinDirectories(expected.directory, directory));
  assert.equal(levelOf(verdict.kind), "notice");
});

test("what was not reached is told in the file", () => {
  const trace = buildTrace([buildFlow(0, ["2001:db8:b::1"], { end: { kind: "silent", fromHop: 2 } })]);
  const { text } = learned([trace], directory, false);
  assert.match(text, /NOT REACHED by 1 of them/);
  assert.match(text, /- \[blue-1, "\.\.\."\]/);
});

test("a router that has the target's name stands there by its address", () => {
  const trace = buildTrace([buildFlow(0, ["2001:db8:b::2", "2001:db8:b::1"])], { target: "blue-1" });
  const { text } = learned([trace], directory, true);
  assert.match(text, /- \["true", "2001:db8:b::1"\]/);
});

test("names from the network that a file cannot hold are replaced", () => {
  const flows = [buildFlow(0, ["2001:db8:b::1"])];
  const hostile = "x }\n  - source: y # ";
  const { text, expected } = learned(
    [
      buildTrace(flows, { source: hostile, target: hostile }),
      buildTrace(flows, { target: "target", targetAddress: "2001:db8::9" }),
    ],
    EMPTY_DIRECTORY,
    false,
  );
  assert.ok(!text.includes("source: y"));
  assert.deepEqual(
    expected.entries.map(({ source, target }) => [source, target]),
    [
      ["*", "target"],
      ["edge-1", "target-2"],
    ],
  );
});

const address = fc.constantFrom(
  "2001:db8:b::1",
  "2001:db8:b::2",
  "2001:db8:b::3",
  "2001:db8:e::1",
  "::ffff:1.2.3.4",
);
const hop: fc.Arbitrary<BuiltHop> = fc.oneof(
  { weight: 4, arbitrary: address },
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.uniqueArray(address, { minLength: 2, maxLength: 3 }) },
);
const end = fc.constantFrom<TraceEnd | undefined>(undefined, undefined, { kind: "too-long", maxHops: 30 });
const flow = fc.record({ hops: fc.array(hop, { maxLength: 6 }), end });
const arbitraryTrace = fc
  .tuple(fc.array(flow, { minLength: 1, maxLength: 40 }), fc.constantFrom("edge-1", "edge-2", "Ä"))
  .map(([flows, source]) =>
    buildTrace(
      flows.map(({ hops, end: how }, i) => buildFlow(i, hops, how === undefined ? {} : { end: how })),
      { source },
    ),
  );

test("what was learned from is judged as expected, whatever it was", () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryTrace, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (traces, standalone) => {
        const { expected } = learned(traces, directory, standalone);
        const all = joinDirectories(expected.directory, directory);
        for (const trace of traces) {
          const source = trace.source === "Ä" ? "*" : trace.source;
          const entry = expected.entries.find((one) => one.source === source);
          assert.ok(entry !== undefined);
          for (const judged of judgeTrace(trace, entry, all).flows) {
            const { kind, words } = judged;
            const good =
              isGood(levelOf(kind)) || (kind === "destination-unreachable" && !/before that/.test(words));
            assert.ok(good, `${kind}: ${words}`);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
