import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { afterRound, judgeWays, newWay, nextQuestions, type Round, type Way } from "./home-ways.ts";

const ROUND_MS = 3_000;
const HOUR_ROUNDS = 1_200;
const TARGETS = ["2001:db8:53::53", "2001:db8:e::2"];
const ANSWER: Round = { by: "2001:db8:53::53", far: undefined };
const SILENCE: Round = { by: undefined, far: false };
/** No target answers, the far end does. */
const NEAR: Round = { by: undefined, far: true };

/** What becomes of a tunnel by these rounds, after each. */
function follow(rounds: Iterable<Round>, alone = false, begin = newWay(0)): readonly Way[] {
  const ways: Way[] = [];
  let way = begin;
  for (const round of rounds) {
    const nowMs = ways.length * ROUND_MS;
    way = afterRound(way, round, { nowMs, wallMs: nowMs, alone });
    ways.push(way);
  }
  return ways;
}

function last(rounds: Iterable<Round>, alone = false): Way {
  return follow(rounds, alone).at(-1) ?? assert.fail("no rounds");
}

function times<T>(count: number, one: T): T[] {
  return Array.from({ length: count }, () => one);
}

const deprecated = (...ways: readonly (Way | undefined)[]): readonly string[] => [
  ...judgeWays(ways.map((way, i) => ({ id: String(i + 1), placed: true, way }))).deprecated,
];
const isDefaultRouter = (...ways: readonly Way[]): boolean =>
  judgeWays(ways.map((way, i) => ({ id: String(i + 1), placed: true, way }))).isDefaultRouter;

const ALIVE = last([ANSWER]);
/** Once its far end has answered as well. */
const KNOWN: Round = { by: "2001:db8:53::53", far: true };
const CUT = last([KNOWN, ...times(8, SILENCE)]);
const TARGET_DEAD = last([KNOWN, ...times(8, NEAR)]);

test("six rounds of eight unanswered and it is dead, five are not enough, and ten answers in a row bring it back", () => {
  const life = (rounds: readonly Round[]): string => last([ANSWER, ...rounds]).beyond.life;
  const lost = (count: number): Round[] => times(count, SILENCE);
  assert.equal(life(lost(5)), "alive");
  assert.equal(life(lost(6)), "dead");
  assert.equal(life([...lost(3), ANSWER, ...lost(2), ANSWER]), "alive");
  assert.equal(life([...lost(3), ANSWER, ...lost(2), ANSWER, ...lost(1)]), "dead");
  // A third lost for ever is no death.
  assert.equal(life(times(100, SILENCE).map((one, i) => (i % 3 === 0 ? one : ANSWER))), "alive");
  assert.equal(life([...lost(6), ...times(9, ANSWER)]), "dead");
  assert.equal(life([...lost(6), ...times(9, ANSWER), SILENCE, ...times(9, ANSWER)]), "dead");
  assert.equal(life([...lost(6), ...times(10, ANSWER)]), "alive");
});

test("while another lives, no input changes a tunnel's life more than 23 times an hour", () => {
  const changesIn = (ways: readonly Way[]): number => {
    const at = ways.flatMap(({ beyond }, i) =>
      i > 0 && beyond.life !== ways[i - 1]?.beyond.life ? [i] : [],
    );
    return Math.max(0, ...at.map((from) => at.filter((i) => i >= from && i - from < HOUR_ROUNDS).length));
  };
  const run = fc.record({ count: fc.integer({ min: 1, max: 200 }), answered: fc.boolean() });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 60 }), (runs) => {
      const rounds = runs.flatMap(({ count, answered }) => times(count, answered ? ANSWER : SILENCE));
      assert.ok(changesIn(follow(rounds)) <= 23);
    }),
  );
  // Who knows the figures and answers just as long as it takes.
  const worst = (alone: boolean): number => {
    const ways: Way[] = [];
    let way = newWay(0);
    for (let i = 0; i < 3 * HOUR_ROUNDS; i++) {
      const round = way.beyond.life === "alive" ? SILENCE : ANSWER;
      way = afterRound(way, round, { nowMs: i * ROUND_MS, wallMs: 0, alone });
      ways.push(way);
    }
    return changesIn(ways);
  };
  assert.ok(worst(false) <= 23 && worst(false) > 15, `${worst(false)}`);
  assert.ok(worst(true) <= 150, `${worst(true)}`);
});

test("nothing is deprecated but where another one lives, or where a far end answers while this one's does not any more", () => {
  assert.deepEqual(deprecated(ALIVE, CUT), ["2"]);
  assert.deepEqual(deprecated(TARGET_DEAD, ALIVE), ["1"]);
  assert.deepEqual(deprecated(TARGET_DEAD, CUT), ["2"]);
  const mute = last(times(8, SILENCE));
  assert.deepEqual(
    deprecated(TARGET_DEAD, mute),
    [],
    "whose far end never answers may be as well as the other",
  );
  // Whatever happens to a home with one tunnel, and to several that see the same.
  const round = fc.constantFrom(ANSWER, KNOWN, NEAR, SILENCE);
  fc.assert(
    fc.property(fc.array(round, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (rounds, tunnels) => {
      for (const way of follow(rounds)) assert.deepEqual(deprecated(...times(tunnels, way)), []);
    }),
  );
  // And however differently they do: never all of them.
  fc.assert(
    fc.property(fc.array(fc.array(round, { maxLength: 30 }), { minLength: 1, maxLength: 4 }), (all) => {
      const ways = all.map((rounds) => follow(rounds).at(-1));
      assert.ok(deprecated(...ways).length < ways.length);
    }),
  );
});

test("at the beginning nothing is held against anybody; one that stays mute while another answers is deprecated after three rounds", () => {
  assert.deepEqual(deprecated(undefined, undefined), []);
  assert.deepEqual(deprecated(ALIVE, undefined), []);
  assert.deepEqual(deprecated(ALIVE, last(times(2, SILENCE))), []);
  assert.deepEqual(deprecated(ALIVE, last(times(3, SILENCE))), ["2"]);
  assert.deepEqual(
    deprecated(ALIVE, last([...times(30, SILENCE), ANSWER])),
    [],
    "its first answer is enough",
  );
});

test("no default router while every far end that answered before is silent, or no tunnel has an address; a target's death is not enough", () => {
  assert.equal(isDefaultRouter(CUT), false);
  assert.equal(isDefaultRouter(CUT, CUT), false);
  assert.equal(isDefaultRouter(CUT, ALIVE), true);
  assert.equal(isDefaultRouter(TARGET_DEAD), true);
  assert.equal(isDefaultRouter(last([ANSWER, ...times(50, SILENCE)])), true, "its far end never answered");
  assert.equal(isDefaultRouter(last(times(50, SILENCE))), true, "nothing ever answered");
  const placed = (one: boolean | undefined): boolean =>
    judgeWays([{ id: "1", placed: one, way: undefined }]).isDefaultRouter;
  assert.deepEqual([placed(false), placed(undefined), placed(true)], [false, true, true]);
  // Back at once.
  assert.equal(isDefaultRouter(last([KNOWN, ...times(8, SILENCE), ANSWER])), true);
  assert.equal(isDefaultRouter(last([KNOWN, ...times(8, SILENCE), NEAR, NEAR])), true);
});

test("a lone one is back after ten answers, however often it has died", () => {
  const cycle = [...times(6, SILENCE), ...times(10, ANSWER)];
  const rounds = [ANSWER, ...Array.from({ length: 20 }, () => cycle).flat()];
  assert.equal(last(rounds, true).beyond.life, "alive");
  assert.equal(last(rounds, false).beyond.life, "dead");
});

test("while all is well one target is asked; all and the far end when it is silent, and the far end once at the beginning", () => {
  assert.deepEqual(nextQuestions(newWay(0), TARGETS), { targets: TARGETS, far: true });
  assert.deepEqual(nextQuestions(last([KNOWN]), TARGETS), { targets: [TARGETS[0]], far: false });
  assert.deepEqual(nextQuestions(last([KNOWN, SILENCE]), TARGETS), { targets: TARGETS, far: true });
  const quiet = times(8, { by: TARGETS[0], far: false });
  assert.deepEqual(nextQuestions(last(quiet.slice(0, 7)), TARGETS), { targets: [TARGETS[0]], far: true });
  assert.deepEqual(nextQuestions(last(quiet), TARGETS), { targets: [TARGETS[0]], far: false });
  assert.deepEqual(
    nextQuestions(last([KNOWN]), [TARGETS[1] ?? ""]).targets,
    [TARGETS[1]],
    "another document",
  );
});

test("people are told who does not answer since when, and what hosts do meanwhile", () => {
  const judged = (...ways: readonly Way[]) =>
    judgeWays(ways.map((way, i) => ({ id: String(i + 1), placed: true, way }))).said;
  const said = judged(CUT, ALIVE);
  assert.deepEqual(
    [...said],
    [["provider 1", "provider 1 does not answer since 1970-01-01T00:00:00.000Z; hosts use the others"]],
  );
  assert.match(judged(TARGET_DEAD).get("provider 1") ?? "", /nothing beyond .* access router does; no other/);
  assert.match(judged(CUT).get("home default router") ?? "", /no default router until/);
  const back = last([KNOWN, ...times(8, SILENCE), ANSWER]);
  assert.match(judged(back, ALIVE).get("provider 1") ?? "", /answers again/);
});
