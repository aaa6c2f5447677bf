import assert from "node:assert/strict";
import { test } from "node:test";
import { found, looksLikeAddress } from "../src/model/destinations.ts";
import { courseOf, outcomeShares } from "../src/model/dns-figures.ts";
import { waysOf } from "../src/model/ways.ts";

const ALL = ["Page: Nodes", "Node edge-1", "Node edge-10", "Rollout 1: blue → green"].map((name, i) => ({
  ...{ name, href: `/${i}` },
}));

test("one finds where to go by any words of its name, in any order", () => {
  assert.deepEqual(
    found(ALL, "edge node").map(({ name }) => name),
    ["Node edge-1", "Node edge-10"],
  );
  assert.deepEqual(
    found(ALL, "GREEN").map(({ href }) => href),
    ["/3"],
  );
  assert.equal(found(ALL, "").length, 4);
  assert.deepEqual(found(ALL, "nothing of that"), []);
});

test("what begins a word comes before what stands within one", () => {
  const all = [
    { name: "xedge", href: "/a" },
    { name: "edge", href: "/b" },
  ];
  assert.deepEqual(
    found(all, "edge").map(({ href }) => href),
    ["/b", "/a"],
  );
});

test("addresses and prefixes are told from words", () => {
  for (const text of ["3fff:250::1", "2001:db8::/32", "::"]) assert.ok(looksLikeAddress(text), text);
  for (const text of ["edge-1", "decade", "10", "a:b;c"]) assert.ok(!looksLikeAddress(text), text);
});

test("outcomes are shares of the questions for AAAA, and nothing divides by nothing", () => {
  const shares = outcomeShares({
    "client.outcome.native": 3,
    "client.outcome.translated": 1,
    "client.type.1": 9,
  });
  assert.deepEqual(
    shares.slice(0, 2).map(({ share }) => share),
    [0.75, 0.25],
  );
  assert.ok(outcomeShares({}).every(({ share }) => share === 0));
});

test("questions are told by the second, with what is absent as 0", () => {
  const series = [
    { startMs: 60_000, tally: { "client.pairs": 120, "client.type.28": 60 } },
    { startMs: 120_000, tally: {} },
  ];
  assert.deepEqual(courseOf({ series, stepS: 60 }), {
    ...{ timeS: [60, 120], all: [2, 0], a: [0, 0], aaaa: [1, 0] },
  });
});

test("flows that went the same way are one way, and a hop that nobody answered is one", () => {
  const hop = (number: number, address?: string) => ({
    ...{ hop: number, sent: 3, rateLimited: false },
    answers: address === undefined ? [] : [{ address, rttUs: 500, kind: "time-exceeded" as const }],
  });
  const flow = (number: number, hops: ReturnType<typeof hop>[]) => ({
    ...{ flow: number, flowLabel: number, hops, end: { kind: "reached" as const, hop: hops.length } },
  });
  const trace = {
    ...{ version: 1 as const, source: "a", sourceAddress: "::1", target: "b", targetAddress: "::2" },
    ...{ protocol: "icmp6" as const, startedAt: 1, endedAt: 2 },
    flows: [flow(0, [hop(1, "::a"), hop(2)]), flow(1, [hop(1, "::a"), hop(2)]), flow(2, [hop(1, "::b")])],
  };
  const ways = waysOf(trace);
  assert.deepEqual(
    ways.map(({ flows }) => flows),
    [[0, 1], [2]],
  );
  assert.deepEqual(ways[0]?.hops[1], { hop: 2, address: undefined, rttUs: undefined });
  assert.deepEqual(waysOf(null), []);
});
