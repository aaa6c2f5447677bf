import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, Desk, many, RETENTION, T0 } from "../../../test/fakes/dns-desk.ts";
import { pairOf } from "../../../test/fakes/dns-pairs.ts";
import type { Where } from "./questions.ts";

const HOUR = 3_600_000;

/** Two hours of names at two nodes: some everywhere, some of one hour only. */
function filled(): Desk {
  const desk = new Desk();
  for (const hour of [0, 1])
    for (const node of ["a", "b"])
      desk.put(
        node,
        many(60, (i) => ({
          timeMs: T0 + hour * HOUR + 60_000 + i * 1000,
          id: i,
          clientPort: node === "a" ? 1 : 2,
          name: i % 3 === 0 ? `h${hour}.example` : `n${i % 7}.example`,
          client: `2001:db8:${i % 5}::1`,
          outcome: i % 2 === 0 ? ("native" as const) : ("translated" as const),
        })),
      );
  return desk;
}

const ask = (desk: Desk, where: Where, kind: "name" | "client" = "name") => {
  const { scanned, ...answer } = desk.reader.top({ where, kind, by: "all", limit: 50 });
  return { answer, rows: scanned.rows };
};

test("hours that are counted are ranked from what is kept of them, with the same answer as from their pairs", () => {
  const desk = filled();
  const where = { fromMs: T0, untilMs: T0 + 2 * HOUR };
  for (const kind of ["name", "client"] as const) {
    const before = kind === "name" ? ask(desk, where, kind) : undefined;
    if (before !== undefined) assert.equal(before.rows, 240);
    desk.settle();
    const after = ask(desk, where, kind);
    assert.equal(after.rows, 0, "no pair is opened");
    desk.db.exec("DELETE FROM ranked_hour");
    const again = ask(desk, where, kind);
    assert.equal(again.rows, 240);
    assert.deepEqual(after.answer, again.answer);
    if (before !== undefined) assert.deepEqual(before.answer, again.answer);
    desk.db.exec(
      "INSERT INTO dirty SELECT 'hour', start_s, 0 FROM rollup WHERE level = 'hour' GROUP BY start_s",
    );
    desk.settle();
  }
});

test("part of an hour is ranked from its pairs; an hour with nothing outside the time is whole", () => {
  const desk = filled();
  desk.settle();
  const half = ask(desk, { fromMs: T0 + 90_000, untilMs: T0 + 2 * HOUR });
  assert.equal(half.rows, 120, "of the first hour only");
  assert.equal(
    half.answer.rows.find(({ key }) => key === "h0.example")?.tally["pairs"],
    2 * 10,
    "half of it was before",
  );
  const covered = ask(desk, { fromMs: T0 + 60_000, untilMs: T0 + HOUR + 200_000 });
  assert.equal(covered.rows, 0);
  assert.equal(covered.answer.total["pairs"], 240);
});

test("who asks for a node, a client or resolvers' questions is answered from pairs", () => {
  const desk = filled();
  desk.put("a", [pairOf({ timeMs: T0, class: "authority", name: "ns.example" })]);
  desk.settle();
  const where = { fromMs: T0, untilMs: T0 + 2 * HOUR };
  assert.equal(ask(desk, { ...where, node: "a" }).answer.total["pairs"], 120);
  assert.equal(ask(desk, { ...where, client: "2001:db8:1::/48" }).answer.total["pairs"], 48);
  assert.deepEqual(
    ask(desk, { ...where, class: "authority" }).answer.rows.map(({ key }) => key),
    ["ns.example"],
  );
});

test("what comes late for an hour counts at once, and what is gone is in no ranking", () => {
  const desk = filled();
  desk.settle();
  const where = { fromMs: T0, untilMs: T0 + 2 * HOUR };
  desk.put("c", [pairOf({ timeMs: T0 + 5000, name: "late.example", clientPort: 9 })]);
  const late = ask(desk, where);
  assert.equal(late.answer.total["pairs"], 241);
  assert.equal(late.rows, 121, "the other hour is as it was");
  desk.settle();
  assert.equal(ask(desk, where).rows, 0);
  const gone = { ...RETENTION, pairs: { days: 1, octets: 1e12 } };
  desk.writer.work({ nowMs: T0 + 40 * DAY, budgetMs: 1, retention: gone, learn: false });
  assert.equal(desk.db.prepare("SELECT COUNT(*) FROM ranked_hour").pluck().get(), 0);
});
