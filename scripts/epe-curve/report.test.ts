import assert from "node:assert/strict";
import { test } from "node:test";
import type { Move } from "./moves.ts";
import { anchorMarkdown, summarise } from "./report.ts";
import type { Outcome } from "./run.ts";

function move(given: Partial<Move>): Move {
  return {
    reason: "gain",
    lie: "none",
    cycles: 20,
    gainMs: 5,
    stepMs: 5,
    rttGainMs: 5,
    saidMs: 5,
    gainByTraffic: 100,
    leastByTraffic: 100,
    outOfHole: false,
    why: "",
    ...given,
  };
}

function outcome(moves: readonly Move[]): Outcome {
  return {
    moves,
    movedAgain: 3,
    movedAgainWho: 2,
    wentBack: 1,
    reverts: 0,
    hours: 2,
    bgp: 10,
    used: 5,
    oracle: 4,
    policyOracle: 4,
    bgpAlone: 10,
    ruled: 4,
    ruledMoves: 4,
    toFlapping: 0,
    weight: 1,
    lostBy: {},
  };
}

test("the anchor's measure is 20 ms of round trip against BGP's choice, whatever was lost", () => {
  const row = summarise(
    "case",
    [
      outcome([
        move({ saidMs: 25, rttGainMs: 22, gainMs: 22 }),
        move({ saidMs: 25, rttGainMs: -20, gainMs: -20 }),
        move({ saidMs: 4, rttGainMs: 1, gainMs: -30 }),
        move({ saidMs: 4, rttGainMs: -19, gainMs: -19 }),
      ]),
    ],
    1,
  );
  assert.deepEqual(
    [row.anchor.moves, row.anchor.worse.value, row.anchor.kept.value, row.anchor.keptAny.value],
    [4, 0.25, 0.25, 0.5],
  );
  assert.deepEqual([row.anchorLarge.moves, row.anchorLarge.worse.value], [2, 0.5]);
  assert.equal(row.worseBy20.value, 0.5);
  assert.match(anchorMarkdown([row]), /\| 3 \(2\), 1 \|$/);
});

test("harm is what worse moves cost, by traffic, of what all moves won", () => {
  const moves = [
    move({ gainByTraffic: 300, leastByTraffic: 200 }),
    move({ gainByTraffic: -20, leastByTraffic: -50 }),
    move({ gainByTraffic: 20, leastByTraffic: -6 }),
  ];
  assert.equal(summarise("case", [outcome(moves)], 1).harm.value, 56 / 300);
});

test("detours and moves out of a hole that BGP chose are not in the anchor's measure, nor in the harm", () => {
  const more = [
    move({ reason: "detour", rttGainMs: -40, gainByTraffic: -400, leastByTraffic: -400 }),
    move({ outOfHole: true, rttGainMs: 900, gainByTraffic: 1e6, leastByTraffic: 1e6 }),
  ];
  const [row, same] = [[move({})], [move({}), ...more]].map((moves) =>
    summarise("case", [outcome(moves)], 1),
  );
  assert.deepEqual([row?.anchor, row?.harm], [same?.anchor, same?.harm]);
});

test("of moves that promised more the greater part, or the lesser, made it worse, and they won their share", () => {
  const row = summarise(
    "case",
    [
      outcome([
        move({ saidMs: 3, gainByTraffic: 10, gainMs: -1 }),
        move({ saidMs: 6, gainByTraffic: 30 }),
        move({ saidMs: 21, gainByTraffic: 60, stepMs: -1 }),
        move({ saidMs: 900, gainByTraffic: 1e6, outOfHole: true }),
      ]),
    ],
    1,
  );
  assert.deepEqual(
    row.promised
      .filter(({ leastMs }) => [0, 5, 20].includes(leastMs))
      .map(({ moves, worse, won }) => [moves, worse, won]),
    [
      [3, 2, 1],
      [2, 1, 0.9],
      [1, 1, 0.6],
    ],
  );
});
