import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, Desk, exported, many, RETENTION, T0 } from "../../../test/fakes/dns-desk.ts";
import { pairOf } from "../../../test/fakes/dns-pairs.ts";

const MINUTE = 60_000;
const WHERE = { fromMs: T0 - DAY, untilMs: T0 + 2 * DAY };

/** One small segment a minute and node, of a client that asks for something else each time. */
function minutes(desk: Desk, nodes: readonly string[], count: number): number {
  for (const [which, node] of nodes.entries())
    for (let minute = 0; minute < count; minute++)
      desk.put(
        node,
        many(3, (i) => ({
          timeMs: T0 + minute * MINUTE + i * 1000,
          id: minute * 10 + i,
          name: `n${minute % 11}.example`,
          client: `2001:db8:${which}::${i + 1}`,
          outcome: i === 0 ? ("translated" as const) : i === 1 ? ("native" as const) : ("nxdomain" as const),
          point: i === 2 ? "lan1" : "lan0",
        })),
      );
  return nodes.length * count * 3;
}

const segments = (desk: Desk): number => desk.writer.figures(null).segments;

/** Everything that may be asked, as it is answered; each row of the export. */
function answers(desk: Desk) {
  const { reader } = desk;
  const top = (kind: "name" | "client") => {
    const { scanned: _, ...rest } = reader.top({
      where: { ...WHERE, class: "client" },
      kind,
      by: "all",
      limit: 99,
    });
    return rest;
  };
  return {
    totals: reader.outcomes({ where: WHERE }),
    name: reader.outcomes({ where: { ...WHERE, name: "n3.example" } }).total,
    client: reader.outcomes({ where: { ...WHERE, client: "2001:db8:1::/48", outcome: "translated" } }).total,
    minute: reader.outcomes({ where: { fromMs: T0 + 5 * MINUTE, untilMs: T0 + 6 * MINUTE, type: 28 } }).total,
    names: top("name"),
    clients: top("client"),
    rows: exported(desk, WHERE, "csv").toString().split("\r\n").sort(),
  };
}

/** Counts what is due, and puts nothing together. */
function countOnly(desk: Desk): void {
  desk.settle(T0 + 90 * MINUTE);
}

test("many small segments become few, and every answer is as before", () => {
  const desk = new Desk();
  minutes(desk, ["home-1", "home-2", "home-3"], 75);
  countOnly(desk);
  const before = answers(desk);
  assert.equal(segments(desk), 225);
  desk.settle(T0 + 5 * 60 * MINUTE);
  assert.equal(segments(desk), 6, "one an hour and node");
  assert.deepEqual(answers(desk), before);
  desk.settle(T0 + 2 * DAY);
  assert.equal(segments(desk), 3, "one a day and node");
  assert.deepEqual(answers(desk), before);
});

test("rows that count elsewhere stay marked, and a late half is joined with what was put together", () => {
  const desk = new Desk();
  const seen = (node: string, from: number, count: number, half: "whole" | "query" | "response") =>
    many(count, (i) => ({
      timeMs: T0 + (from + i) * 100,
      id: from + i,
      point: node,
      half,
      messageHash: 7 + from + i,
    }));
  for (let i = 0; i < 10; i++) {
    desk.put("blue", seen("blue", i * 4, 4, "whole"));
    desk.put("green", seen("green", i * 4, 4, "whole"));
  }
  desk.put("blue", seen("blue", 100, 5, "query"));
  desk.settle(T0 + 3 * 60 * MINUTE);
  assert.equal(segments(desk), 2);
  const { total } = desk.total();
  assert.deepEqual([total["client.pairs"], total["duplicates"]], [45, 40]);
  desk.put("green", seen("green", 100, 5, "response"));
  desk.settle(T0 + 3 * 60 * MINUTE);
  const late = desk.total().total;
  assert.deepEqual([late["client.pairs"], late["duplicates"], late["joined"]], [45, 40, 5]);
  assert.equal(exported(desk, WHERE, "csv").toString().trim().split("\r\n").length - 1, 45);
});

test("an export that began before goes on with the same rows, once each", () => {
  const desk = new Desk();
  const all = minutes(desk, ["home-1", "home-2"], 40);
  countOnly(desk);
  const { reader } = desk;
  const number = reader.exportBegin({ where: WHERE, format: "csv" });
  let text = Buffer.from(reader.exportNext(number) ?? []).toString();
  desk.settle(T0 + 5 * 60 * MINUTE);
  desk.settle(T0 + 27 * 60 * MINUTE);
  assert.equal(segments(desk), 2);
  for (let part = reader.exportNext(number); part !== null; part = reader.exportNext(number))
    text += Buffer.from(part).toString();
  const rows = text.trim().split("\r\n").slice(1);
  assert.equal(rows.length, all);
  assert.equal(new Set(rows).size, all);
});

test("who follows is not told again what was put together", () => {
  const desk = new Desk();
  minutes(desk, ["home-1"], 20);
  countOnly(desk);
  const { cursor } = desk.reader.tail({ where: WHERE, limit: 1 });
  desk.settle(T0 + 5 * 60 * MINUTE);
  assert.equal(segments(desk), 1);
  desk.put("home-1", [pairOf({ timeMs: T0 + 50 * MINUTE, name: "new.example" })]);
  const { pairs } = desk.reader.tail({ where: WHERE, limit: 50, cursor });
  assert.deepEqual(
    pairs.map(({ name }) => name),
    ["new.example"],
  );
});

test("a segment that cannot be read is left as it came, and costs nothing more", () => {
  const desk = new Desk();
  minutes(desk, ["home-1"], 5);
  minutes(desk, ["home-2"], 5);
  countOnly(desk);
  desk.db
    .prepare(
      "UPDATE segment_part SET data = zeroblob(LENGTH(data)) WHERE id = (SELECT MIN(id) FROM segment) * 256",
    )
    .run();
  desk.settle(T0 + 5 * 60 * MINUTE);
  assert.equal(segments(desk), 5 + 1);
  assert.equal(desk.settle(T0 + 5 * 60 * MINUTE).merged, 0);
  desk.settle(T0 + 3 * DAY);
  assert.equal(segments(desk), 5 + 1);
});

test("segments with many rows stay alone; pairs go when the oldest of what holds them is too old", () => {
  const desk = new Desk();
  desk.put(
    "router",
    many(9_000, (i) => ({ timeMs: T0 + i, id: i, name: `r${i % 500}.example` })),
  );
  minutes(desk, ["router"], 10);
  desk.settle(T0 + 3 * DAY);
  assert.equal(segments(desk), 2);
  const old = { ...RETENTION, pairs: { days: 4, octets: 1e12 } };
  desk.writer.work({ nowMs: T0 + 4 * DAY + 1, budgetMs: 1, retention: old, learn: false });
  assert.equal(segments(desk), 0);
});
