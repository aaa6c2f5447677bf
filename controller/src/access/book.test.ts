import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAccessShard, parseGateShard } from "@vsix/shared/contract/parse.ts";
import { accessShardName } from "@vsix/shared/contract/part-access.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import fc from "fast-check";
import type { ServedUser } from "../core/access/place.ts";
import { partBytes } from "../core/parts.ts";
import { AccessBook } from "./book.ts";

const parsed = parseFabric(
  readFileSync(new URL("../../../examples/access.yaml", import.meta.url), "utf8"),
  "access.yaml",
);
assert.ok(parsed.ok);
const { fabric } = parsed;

const user = (id: number, endpoint: string, more: Partial<ServedUser> = {}): ServedUser => ({
  id,
  service: "generic-tunneling",
  prefixes: [`2001:db8:e000:${(id * 16).toString(16)}::/60`],
  endpoint,
  publicKey: null,
  presharedKey: null,
  expiresAt: null,
  ...more,
});
const newBook = (): AccessBook => {
  const book = new AccessBook();
  book.setPoints(fabric);
  return book;
};
const texts = (book: AccessBook): readonly string[] =>
  book.partsOf({ name: "pe-1" }).map(({ sha256 }) => sha256);

test("a shard's octets are those of the whole, sorted, and one who comes changes one of them", () => {
  const book = newBook();
  for (let id = 1; id <= 50; id++) book.set(id, user(id, `3fff::${id}`));
  const before = texts(book);
  book.set(51, user(51, "3fff::51"));
  const parts = book.partsOf({ name: "pe-1" });
  assert.equal(parts.filter(({ sha256 }, i) => sha256 !== before[i]).length, 1);
  for (const { name, bytes } of parts.slice(1)) {
    const shard = parseAccessShard(name, bytes);
    assert.deepEqual(Buffer.from(bytes), Buffer.from(partBytes(shard)), name);
  }
  assert.deepEqual(
    parts.map(({ name }) => name),
    ["access", ...Array.from({ length: 16 }, (_, shard) => accessShardName(shard))],
  );
  book.set(51, undefined);
  assert.deepEqual(texts(book), before);
});

test("two users who exchange their endpoints are both served, in whichever order it is told", () => {
  for (const order of [
    [1, 2],
    [2, 1],
  ] as const) {
    const book = newBook();
    book.set(1, user(1, "3fff::1"));
    book.set(2, user(2, "3fff::2"));
    for (const id of order) book.set(id, user(id, `3fff::${3 - id}`));
    assert.equal(book.waiting(1) ?? book.waiting(2), undefined);
    const straight = newBook();
    straight.set(1, user(1, "3fff::2"));
    straight.set(2, user(2, "3fff::1"));
    assert.deepEqual(texts(book), texts(straight));
  }
});

test("who cannot be served says why, and is served when that is over", () => {
  const book = newBook();
  book.set(1, user(1, "3fff::1"));
  book.set(2, user(2, "3fff::1"));
  assert.match(book.waiting(2) ?? "", /application 1 has the same other end at access point east/);
  book.set(1, undefined);
  assert.equal(book.waiting(2), undefined);
  book.set(3, user(3, "3fff::3", { prefixes: ["2001:db8:1::/60"] }));
  assert.match(book.waiting(3) ?? "", /no access point of the fabric has 2001:db8:1::\/60 in its pools/);
});

test("however users come, move and go, the book holds what one made afresh would", () => {
  const step = fc.record({
    id: fc.integer({ min: 1, max: 8 }),
    endpoint: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const book = newBook();
      const now = new Map<number, ServedUser>();
      for (const { id, endpoint } of steps) {
        const next = endpoint === undefined ? undefined : user(id, `3fff::${endpoint}`);
        book.set(id, next);
        if (next === undefined) now.delete(id);
        else now.set(id, next);
      }
      const served = new Set<string>();
      for (const [id, { endpoint }] of now) {
        if (book.standing(id) === undefined) assert.match(book.waiting(id) ?? "", /same other end/);
        else {
          assert.ok(!served.has(endpoint ?? ""), "one endpoint, one tunnel");
          served.add(endpoint ?? "");
        }
      }
      assert.equal(
        served.size,
        new Set([...now.values()].map(({ endpoint }) => endpoint)).size,
        "nobody waits for nothing",
      );
      const fresh = newBook();
      for (const [id, one] of now) if (book.standing(id) !== undefined) fresh.set(id, one);
      assert.deepEqual(texts(book), texts(fresh));
    }),
  );
});

test("borders are told the SIDs and whose source may reach which, and one who comes or goes is one shard of that", () => {
  const book = newBook();
  const by = { service: "srv6-access" as const };
  const told = () =>
    book
      .gate()
      .slice(1)
      .flatMap(({ name, bytes }) => {
        const shard = parseGateShard(name, bytes);
        assert.deepEqual(Buffer.from(bytes), Buffer.from(partBytes(shard)), name);
        return shard.users.flatMap(({ sid, sources }) => sources.map((source) => `${source} to ${sid}`));
      })
      .sort();
  assert.deepEqual(JSON.parse(Buffer.from(book.gate()[0]?.bytes ?? []).toString()), {
    ...{ version: 1, shards: 16, sids: ["2001:db8:53:e::2", "2001:db8:53:f::2"] },
  });
  book.set(1, user(1, "3fff::1", by));
  book.set(2, user(2, "3fff::2", { ...by, prefixes: ["2001:db8:c000::/60"] }));
  book.set(3, user(3, "3fff::3"));
  assert.deepEqual(told(), ["3fff::1 to 2001:db8:53:e::2", "3fff::2 to 2001:db8:53:f::2"]);
  const before = book.gate().map(({ sha256 }) => sha256);
  book.set(4, user(4, "3fff::4", by));
  assert.equal(book.gate().filter(({ sha256 }, i) => sha256 !== before[i]).length, 1);
  book.set(4, undefined);
  assert.deepEqual(
    book.gate().map(({ sha256 }) => sha256),
    before,
  );
  book.set(1, user(1, "3fff::9", by));
  assert.deepEqual(told(), ["3fff::2 to 2001:db8:53:f::2", "3fff::9 to 2001:db8:53:e::2"]);
});
