import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AuditTable } from "../store/schema.ts";
import { type Break, EMPTY_CHAIN, follow, isBreak, recordHash } from "./chain.ts";

const text = fc.string({ maxLength: 12 });
const said = fc.array(fc.record({ at: text, who: text, what: text, detail: text }), {
  minLength: 2,
  maxLength: 20,
});

function chain(records: readonly Omit<AuditTable, "id" | "hash">[]): AuditTable[] {
  let { hash } = EMPTY_CHAIN;
  return records.map((fields, index) => {
    const row = { ...fields, id: index + 1 };
    hash = recordHash(hash, row);
    return { ...row, hash };
  });
}

/** The first break along rows as a database would give them, by number; undefined: none. */
function firstBreak(rows: readonly AuditTable[]): Break | undefined {
  let end = EMPTY_CHAIN;
  for (const row of rows.toSorted((a, b) => a.id - b.id)) {
    const step = follow(end, row);
    if (isBreak(step)) return step;
    end = step;
  }
  return undefined;
}

test("a chain that nobody touched has no break", () => {
  fc.assert(fc.property(said, (records) => assert.equal(firstBreak(chain(records)), undefined)));
});

test("whichever record is edited, in whichever field, is the one that is named", () => {
  const field = fc.constantFrom("at", "who", "what", "detail", "hash");
  fc.assert(
    fc.property(
      said,
      fc.nat(),
      field,
      fc.string({ minLength: 1, maxLength: 3 }),
      (records, at, key, more) => {
        const rows = chain(records);
        const index = at % rows.length;
        const edited = rows.map((row, i) => (i === index ? { ...row, [key]: row[key] + more } : row));
        assert.equal(firstBreak(edited)?.record, index + 1);
      },
    ),
  );
});

test("whichever record but the last is deleted, with the rest renumbered or not, is named", () => {
  fc.assert(
    fc.property(said, fc.nat(), fc.boolean(), (records, at, renumbered) => {
      const rows = chain(records);
      const index = at % (rows.length - 1);
      const left = rows.toSpliced(index, 1);
      assert.equal(firstBreak(renumbered ? renumber(left) : left)?.record, index + 1);
    }),
  );
});

test("of two records that changed places the first is named", () => {
  fc.assert(
    fc.property(said, fc.nat(), fc.nat(), (records, one, other) => {
      const rows = chain(records);
      const [a, b] = [one % rows.length, other % rows.length].sort((x, y) => x - y);
      const [first, second] = [rows[a ?? 0], rows[b ?? 0]];
      assert.ok(a !== undefined && b !== undefined && first !== undefined && second !== undefined);
      fc.pre(a !== b);
      assert.equal(firstBreak(renumber(rows.with(a, second).with(b, first)))?.record, a + 1);
    }),
  );
});

test("whatever is inserted, wherever, is named, unless it is the honest next record", () => {
  fc.assert(
    fc.property(said, fc.nat(), said, (records, at, [strange]) => {
      const rows = chain(records);
      const index = at % (rows.length + 1);
      assert.ok(strange !== undefined);
      const inserted = { ...strange, id: 0, hash: "f".repeat(64) };
      assert.equal(firstBreak(renumber(rows.toSpliced(index, 0, inserted)))?.record, index + 1);
    }),
  );
});

function renumber(rows: readonly AuditTable[]): AuditTable[] {
  return rows.map((row, index) => ({ ...row, id: index + 1 }));
}
