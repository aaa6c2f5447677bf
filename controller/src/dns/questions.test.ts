import assert from "node:assert/strict";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { DAY, Desk, exported, many, RETENTION, T0 } from "../../../test/fakes/dns-desk.ts";

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

test("a digest changes no answer: segments that have none, as those of before, tell the same", () => {
  const desk = new Desk();
  const outcomes = ["native", "translated", "nodata", "nxdomain"] as const;
  for (let segment = 0; segment < 3; segment++)
    desk.put(
      segment === 1 ? "b" : "a",
      many(4_000, (i) => ({
        timeMs: T0 + segment * 1_000 + i / 10,
        id: (i * 31_337) & 0xffff,
        clientPort: (i * 7919) & 0xffff,
        name: `x${i % 1_300}.${i % 7 === 0 ? "some" : `d${i % 90}`}.example`,
        client: `2001:db8:${i % 50}::1`,
        type: [1, 28, 28, 65][i % 4] ?? 1,
        outcome: outcomes[i % 5] ?? "native",
      })),
    );
  const where = { fromMs: T0, untilMs: T0 + DAY };
  const wheres = [
    { node: "a" },
    { name: "x7.some.example" },
    { name: "x7.nowhere.example" },
    { below: "some.example" },
    { below: "example" },
    { client: "2001:db8:3::/48" },
    { client: "2001:db8:6::/48", outcome: "translated" as const },
    { outcome: "nxdomain" as const, type: 28 },
    { below: "d4.example", client: "2001:db8::/32", type: 28, fromMs: T0 + 100, untilMs: T0 + 2_100 },
  ];
  const ask = () =>
    wheres.map((more) => {
      const tail = desk.reader.tail({ where: { ...where, ...more }, limit: 9 }).pairs;
      const top = (kind: "name" | "client") => {
        const answer = desk.reader.top({ where: { ...where, ...more }, kind, by: "all", limit: 50 });
        return { ...answer, scanned: { ...answer.scanned, tookMs: 0 } };
      };
      const { total } = desk.reader.outcomes({ where: { ...where, ...more } });
      return { total, tail, tops: [top("name"), top("client")] };
    });
  const digests = desk.db.prepare("SELECT COUNT(*) FROM segment WHERE digest > 1000").pluck();
  assert.equal(digests.get(), 3);
  const before = ask();
  assert.deepEqual(
    before.map(({ total }) => (total["client.pairs"] ?? 0) > 0),
    wheres.map(({ name }) => name !== "x7.nowhere.example"),
  );
  desk.db.exec("UPDATE segment_digest SET names = zeroblob(LENGTH(names)) WHERE id = 2");
  const { scanned } = desk.reader.top({
    where: { ...where, name: "x7.some.example" },
    kind: "name",
    by: "all",
    limit: 1,
  });
  assert.equal(scanned.unreadable, 1, "one that is spoiled is told, and spoils no other");
  desk.db.exec("UPDATE segment SET digest = 0");
  assert.deepEqual(ask(), before);
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
