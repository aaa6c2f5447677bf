import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import type { DnsPair } from "@vsix/shared/dns/model.ts";
import { parquetReadObjects } from "hyparquet";
import { batchOf, type PairOptions, pairOf } from "../../../test/fakes/dns-pairs.ts";
import { openDatabase, openReader } from "./database.ts";
import type { StoreResult } from "./messages.ts";
import { ReaderDesk, type ReaderRequests } from "./reader-desk.ts";
import { WriterDesk, type WriterRequests } from "./writer-desk.ts";

const DAY = 86_400_000;
/** The beginning of an hour. */
const T0 = Date.parse("2026-11-20T10:00:00Z");
const KEPT = { days: 365, octets: 1e12 };
const RETENTION = { pairs: KEPT, minutes: KEPT, hours: KEPT, dayRollups: KEPT };
const directory = mkdtempSync(join(tmpdir(), "vsix-dns-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;

class Desk {
  readonly file = join(directory, `${files++}.db`);
  readonly db = openDatabase(this.file);
  readonly writer: WriterRequests = new WriterDesk(this.db).requests;
  readonly reader: ReaderRequests = new ReaderDesk(openReader(this.file)).requests;
  #sequences = new Map<string, number>();

  put(node: string, pairs: readonly DnsPair[], meta: Parameters<typeof batchOf>[1] = {}): StoreResult {
    const sequence = (this.#sequences.get(node) ?? 0) + 1;
    this.#sequences.set(node, sequence);
    const result = this.store(node, "one", sequence, pairs, meta);
    assert.equal(result.kind, "stored", JSON.stringify(result));
    return result;
  }

  store(
    node: string,
    instance: string,
    sequence: number,
    pairs: readonly DnsPair[],
    meta: Parameters<typeof batchOf>[1] = {},
  ): StoreResult {
    return this.writer.store({ node, instance, sequence, bytes: batchOf(pairs, meta), nowMs: T0 });
  }

  /** Everything that is due is counted. */
  settle(nowMs = T0 + DAY) {
    for (;;) {
      const work = this.writer.work({ nowMs, budgetMs: 1_000, retention: RETENTION, learn: true });
      assert.deepEqual(work.faults, []);
      if (!work.more) return work;
    }
  }

  total(fromMs = T0 - DAY, untilMs = T0 + DAY) {
    return this.reader.outcomes({ where: { fromMs, untilMs } });
  }
}

const many = (count: number, options: (i: number) => PairOptions): DnsPair[] =>
  Array.from({ length: count }, (_, i) => pairOf(options(i)));

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

test("questions are answered by name, suffix, client, outcome and type", () => {
  const desk = new Desk();
  desk.put("a", [
    ...many(40, (i) => ({
      timeMs: T0 + i,
      id: i,
      name: `h${i % 4}.${i % 2 === 0 ? "even" : "odd"}.example`,
      client: `2001:db8:${i % 5}::1`,
      outcome: i % 8 === 0 ? ("nxdomain" as const) : ("native" as const),
    })),
    ...many(6, (i) => ({ timeMs: T0 + 100 + i, type: 65, id: i })),
  ]);
  const where = { fromMs: T0, untilMs: T0 + DAY };
  const count = (more: object) =>
    desk.reader.outcomes({ where: { ...where, ...more } }).total["client.pairs"] ?? 0;
  assert.equal(count({ name: "h0.even.example" }), 10);
  assert.equal(count({ below: "even.example" }), 20);
  assert.equal(count({ below: "ven.example" }), 0, "labels are whole");
  assert.equal(count({ client: "2001:db8:3::/48" }), 8);
  assert.equal(count({ outcome: "nxdomain" }), 5);
  assert.equal(count({ type: 65 }), 6);
  assert.equal(count({ below: "example", outcome: "native", client: "2001:db8:1::1" }), 7);
  assert.throws(() => count({ name: "a..b" }), { code: "bad-question" });
  assert.throws(() => count({ client: "2001:db8::/129" }), { code: "bad-question" });
});

test("names that need IPv4 are those nobody got a native AAAA of", () => {
  const desk = new Desk();
  desk.put("a", [
    ...many(9, (i) => ({ timeMs: T0 + i, name: "old.example", outcome: "translated" as const })),
    ...many(4, (i) => ({ timeMs: T0 + i, name: "none.example", outcome: "nodata" as const })),
    ...many(5, (i) => ({
      timeMs: T0 + i,
      name: "both.example",
      outcome: i === 0 ? ("native" as const) : ("translated" as const),
    })),
    ...many(3, (i) => ({ timeMs: T0 + i, name: "gone.example", outcome: "nxdomain" as const })),
  ]);
  const top = (by: "ipv4" | "ready") =>
    desk.reader
      .top({ where: { fromMs: T0, untilMs: T0 + DAY }, kind: "name", by, limit: 9 })
      .rows.map(({ key }) => key);
  assert.deepEqual(top("ipv4"), ["old.example", "none.example"]);
  assert.deepEqual(top("ready"), ["both.example"]);
});

test("top names of times whose pairs are gone come from what is kept of their hours", () => {
  const desk = new Desk();
  desk.put(
    "a",
    many(7, (i) => ({ timeMs: T0 + i, name: "old.example" })),
  );
  desk.settle();
  const gone = { ...RETENTION, pairs: { days: 1, octets: 1e12 } };
  desk.writer.work({ nowMs: T0 + 2 * DAY, budgetMs: 1, retention: gone, learn: false });
  assert.equal(desk.writer.figures(null).segments, 0);
  const { rows, source } = desk.reader.top({
    where: { fromMs: T0, untilMs: T0 + DAY },
    kind: "name",
    by: "all",
    limit: 5,
  });
  assert.deepEqual([rows[0]?.key, rows[0]?.tally["pairs"], source], ["old.example", 7, "hours"]);
  assert.equal(desk.total().total["client.pairs"], 7);
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
  const retention = { ...RETENTION, pairs: { days: 365, octets: Math.floor(before.octets / 2) } };
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

test("the newest pairs are told once each, as they come", () => {
  const desk = new Desk();
  desk.put(
    "a",
    many(5, (i) => ({ timeMs: T0 + i, id: i })),
  );
  const where = { fromMs: T0, untilMs: T0 + DAY };
  const first = desk.reader.tail({ where, limit: 3 });
  assert.deepEqual(
    first.pairs.map(({ timeMs }) => timeMs - T0),
    [2, 3, 4],
  );
  assert.deepEqual(desk.reader.tail({ where, limit: 3, cursor: first.cursor }).pairs, []);
  desk.put(
    "b",
    many(1, () => ({ timeMs: T0 + 50, name: "new.example" })),
  );
  assert.deepEqual(
    desk.reader.tail({ where, limit: 3, cursor: first.cursor }).pairs.map(({ name }) => name),
    ["new.example"],
  );
});

test("large segments lie in parts, and are read back the same", () => {
  const desk = new Desk();
  desk.put(
    "a",
    many(20_000, (i) => ({
      timeMs: T0 + i / 10,
      id: (i * 31_337) & 0xffff,
      clientPort: (i * 7919) & 0xffff,
      name: `x${i}.example`,
    })),
  );
  assert.ok(Number(desk.db.prepare("SELECT COUNT(*) FROM segment_part").pluck().get()) > 10);
  desk.settle();
  assert.equal(desk.total().total["client.pairs"], 20_000);
  const tail = desk.reader.tail({ where: { fromMs: T0, untilMs: T0 + DAY, name: "x77.example" }, limit: 5 });
  assert.deepEqual(
    tail.pairs.map(({ answers }) => answers),
    [["AAAA 2001:db8:80::1"]],
  );
});

function exported(
  desk: Desk,
  where: { fromMs: number; untilMs: number; name?: string },
  format: "csv" | "parquet",
) {
  const number = desk.reader.exportBegin({ where, format });
  const parts: Uint8Array[] = [];
  for (let part = desk.reader.exportNext(number); part !== null; part = desk.reader.exportNext(number))
    parts.push(part);
  return Buffer.concat(parts);
}

test("an export is one file over all segments: CSV with its head, Parquet that a reader takes", async () => {
  const desk = new Desk();
  for (let i = 0; i < 3; i++)
    desk.put(
      "a",
      many(100, (j) => ({
        timeMs: T0 + i * 1000 + j + 0.25,
        id: j,
        name: `n${i}.example`,
        outcome: j === 0 ? "nxdomain" : "translated",
      })),
    );
  const where = { fromMs: T0, untilMs: T0 + DAY };
  const [head, first] = exported(desk, where, "csv").toString().split("\r\n");
  assert.ok(head?.startsWith("time,node,point,"));
  assert.ok(
    first?.startsWith("2026-11-20T10:00:00.000250Z,a,eth0,client,whole,udp,2001:db8:1::5,40000,"),
    first,
  );
  assert.equal(exported(desk, { ...where, name: "n9.example" }, "csv").toString(), `${head}\r\n`);
  const file = exported(desk, where, "parquet");
  const rows = await parquetReadObjects({
    file: Uint8Array.from(file).buffer,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  });
  assert.equal(rows.length, 300);
  assert.deepEqual(
    [rows[150]?.["name"], rows[150]?.["aaaa_outcome"], rows[150]?.["answers"], rows[100]?.["rcode"]],
    ["n1.example", "translated", "AAAA 64:ff9b::1", 3],
  );
  const none = exported(desk, { fromMs: 0, untilMs: 1 }, "parquet");
  assert.deepEqual(await parquetReadObjects({ file: Uint8Array.from(none).buffer }), []);
});
