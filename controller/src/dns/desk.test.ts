import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, Desk, exported, many, RETENTION, T0 } from "../../../test/fakes/dns-desk.ts";
import { batchOf, pairOf } from "../../../test/fakes/dns-pairs.ts";
import { SEGMENT_OCTETS } from "./prune.ts";

test("what was captured is what is counted, outcome by outcome, in minutes, hours and days", () => {
  const desk = new Desk();
  const outcomes = ["native", "translated", "nodata", "nxdomain", "servfail", "unanswered", "other"] as const;
  const pairs = outcomes.flatMap((outcome, which) =>
    many(10 + which, (i) => ({ timeMs: T0 + which * 60_000 + i * 1000, outcome, id: i })),
  );
  desk.put("a", [...pairs, ...many(5, (i) => ({ timeMs: T0 + i, type: 1, id: 900 + i }))]);
  desk.settle();
  for (const span of [3_600_000, 2 * DAY, 60 * DAY]) {
    const { total, source } = desk.total(T0, T0 + span);
    assert.equal(source, span < DAY ? "minutes" : span < 31 * DAY ? "hours" : "days");
    assert.deepEqual(
      outcomes.map((outcome) => total[`client.outcome.${outcome}`]),
      outcomes.map((_, which) => 10 + which),
    );
    assert.equal(total["client.type.1"], 5);
    assert.equal(total["client.pairs"], pairs.length + 5);
  }
  assert.equal(desk.total(T0, T0 + 3_600_000).series.length, 7);
});

test("a batch counts once, however often and in whatever order it comes", () => {
  const desk = new Desk();
  const [one, two] = [many(3, (i) => ({ timeMs: T0 + i })), many(4, (i) => ({ timeMs: T0 + 60_000 + i }))];
  assert.equal(desk.store("a", "x", 1, one).kind, "stored");
  assert.equal(desk.store("a", "x", 1, one).kind, "duplicate");
  assert.equal(desk.store("a", "x", 2, two, { pairsBefore: 3 }).kind, "stored");
  assert.equal(desk.store("a", "x", 1, one).kind, "duplicate");
  assert.equal(desk.store("b", "x", 1, one).kind, "stored", "another node's");
  assert.equal(
    desk.store(
      "a",
      "y",
      1,
      many(1, () => ({ timeMs: T0 })),
    ).kind,
    "stored",
    "another life",
  );
  assert.equal(desk.writer.figures(null).pairs, 11);
});

test("what a full spool dropped, and what a killed agent took with it, is counted to the pair", () => {
  const desk = new Desk();
  desk.store(
    "a",
    "x",
    1,
    many(3, (i) => ({ timeMs: T0 + i })),
  );
  const later = desk.store(
    "a",
    "x",
    4,
    many(2, (i) => ({ timeMs: T0 + i })),
    { pairsBefore: 10 },
  );
  assert.deepEqual(later, { kind: "stored", pairs: 2, missingPairs: 7 });
  // 12 were stored or are known to be missing; 20 had been seen when it was killed.
  const previous = [{ instance: "x", pairs: 20 }];
  const next = desk.store(
    "a",
    "y",
    1,
    many(1, () => ({ timeMs: T0 })),
    { previous },
  );
  assert.deepEqual(next, { kind: "stored", pairs: 1, missingPairs: 8 });
  const { capture } = desk.total();
  assert.equal(capture["a"]?.["missingPairs"], 15);
  assert.equal(capture["a"]?.["missingBatches"], 2);
  assert.equal(desk.writer.figures(null).missingPairs, 15);
});

test("time in which a node captured nothing is told where it lies in the time that was asked for, and once", () => {
  const desk = new Desk();
  const gap = { fromUs: T0 * 1000, toUs: (T0 + 2_500) * 1000 };
  const pairs = many(1, () => ({ timeMs: T0 + 3_000 }));
  desk.store("a", "x", 1, pairs, { gap });
  assert.equal(desk.store("a", "x", 1, pairs, { gap }).kind, "duplicate");
  const told = [{ node: "a", fromMs: T0, toMs: T0 + 2_500 }];
  assert.deepEqual(desk.writer.figures(null).gaps, told);
  assert.deepEqual(desk.total(T0 + 1_000, T0 + 2_000).gaps, told);
  assert.deepEqual(desk.total(T0 + 3_000, T0 + 4_000).gaps, []);
  for (let n = 2; n <= 300; n++) desk.store("a", "x", n, [], { gap: { fromUs: n, toUs: n }, pairsBefore: 1 });
  assert.equal(desk.total(0, T0 + DAY).gaps.length, 256, "no node fills the table");
});

test("a query on Blue and its response on Green count once, by the response", () => {
  const desk = new Desk();
  desk.put(
    "blue",
    many(20, (i) => ({ timeMs: T0 + i * 100, half: "query", id: i, messageHash: i })),
  );
  desk.settle();
  assert.equal(desk.total().total["client.outcome.unanswered"], 20, "as long as nothing else is known");
  desk.put(
    "green",
    many(20, (i) => ({
      timeMs: T0 + i * 100 + 20,
      half: "response",
      id: i,
      outcome: "translated",
      messageHash: i,
    })),
  );
  desk.settle();
  const { total, points } = desk.total();
  assert.equal(total["client.pairs"], 20);
  assert.equal(total["client.outcome.translated"], 20);
  assert.equal(total["client.outcome.unanswered"], undefined);
  assert.equal(total["joined"], 20);
  assert.equal(points["blue/eth0"]?.["client.query"], 20);
  assert.equal(points["green/eth0"]?.["client.response"], 20);
});

test("a pair that two capture points saw counts once in totals, in top names and in what is exported", () => {
  const desk = new Desk();
  const seen = (shiftMs: number, point: string) =>
    many(30, (i) => ({ timeMs: T0 + i * 10 + shiftMs, id: i, name: `n${i % 3}.example`, point }));
  desk.put("a", seen(0, "in"));
  desk.put("b", seen(2, "out"));
  desk.settle();
  const { total, points } = desk.total();
  assert.equal(total["client.pairs"], 30);
  assert.equal(total["duplicates"], 30);
  assert.deepEqual(Object.keys(points).sort(), ["a/in", "b/out"]);
  const where = { fromMs: T0 - 1, untilMs: T0 + DAY };
  const top = desk.reader.top({ where, kind: "name", by: "all", limit: 9 });
  assert.deepEqual(
    top.rows.map(({ key, tally }) => [key, tally["pairs"]]),
    [
      ["n0.example", 10],
      ["n1.example", 10],
      ["n2.example", 10],
    ],
  );
  assert.equal(exported(desk, where, "csv").toString().split("\r\n").length - 1, 1 + 30);
});

test("resolvers' own questions are no users', and no names of theirs", () => {
  const desk = new Desk();
  desk.put("a", [
    ...many(4, (i) => ({ timeMs: T0 + i, class: "authority" as const, name: "ns.example" })),
    pairOf({ timeMs: T0 + 9 }),
  ]);
  desk.settle();
  const { total } = desk.total();
  assert.equal(total["client.pairs"], 1);
  assert.equal(total["authority.pairs"], 4);
  const where = { fromMs: T0, untilMs: T0 + DAY };
  assert.deepEqual(
    desk.reader.top({ where, kind: "name", by: "all", limit: 9 }).rows.map(({ key }) => key),
    ["www.example"],
  );
});

test("too much is taken from the node that has most, oldest first", () => {
  const desk = new Desk();
  for (let i = 0; i < 6; i++)
    desk.put(
      "loud",
      many(200, (j) => ({ timeMs: T0 + i * 1000 + j, name: `r${i * 200 + j}.example` })),
    );
  desk.put(
    "quiet",
    many(10, (i) => ({ timeMs: T0 + i })),
  );
  const before = desk.writer.figures(null);
  const octets = Math.floor((before.octets + before.segments * SEGMENT_OCTETS) / 2);
  const retention = { ...RETENTION, pairs: { days: 365, octets } };
  for (let i = 0; i < 10; i++) desk.writer.work({ nowMs: T0, budgetMs: 1, retention, learn: false });
  const left = desk.db
    .prepare("SELECT node, COUNT(*) AS n, MIN(sequence) AS first FROM segment GROUP BY node")
    .all();
  assert.deepEqual(left, [
    { node: "loud", n: 2, first: 5 },
    { node: "quiet", n: 1, first: 1 },
  ]);
});

test("a batch that is none is refused for good, and the next one is taken", () => {
  const desk = new Desk();
  const good = batchOf(many(50, (i) => ({ timeMs: T0 + i })));
  const spoiled = Uint8Array.from(good);
  spoiled.fill(0xff, spoiled.length - 300, spoiled.length - 250);
  const store = (sequence: number, bytes: Uint8Array<ArrayBuffer>) =>
    desk.writer.store({ node: "a", instance: "x", sequence, bytes, nowMs: T0 }).kind;
  assert.equal(store(1, spoiled), "refused");
  assert.equal(store(2, Uint8Array.of(1, 2, 3)), "refused");
  assert.equal(store(1, good), "duplicate", "that number is over");
  assert.equal(store(3, good), "stored");
});

test("addresses that users are answered with are learned once, native ones only", () => {
  const desk = new Desk();
  desk.put("a", [
    ...many(6, (i) => ({ timeMs: T0 + i, answer: "2001:db8:80::7" })),
    ...many(5, (i) => ({ timeMs: T0 + i, outcome: "translated" as const, name: "v4.example" })),
    ...many(4, (i) => ({ timeMs: T0 + i, class: "authority" as const, answer: "2001:db8:99::1" })),
  ]);
  const work = desk.writer.work({ nowMs: T0 + DAY, budgetMs: 0, retention: RETENTION, learn: true });
  assert.deepEqual(work.addresses, [["2001:db8:80::7", 6]]);
  assert.deepEqual(desk.settle().addresses, []);
});
