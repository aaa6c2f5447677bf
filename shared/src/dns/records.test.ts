import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FIELDS, Records } from "./records.ts";

const number = fc.nat(0xffffffff);
const rows = fc.array(fc.tuple(number, number, number, number), { maxLength: 40 });

test("records have what was put into them, by record and by column, however often they are filled", () => {
  fc.assert(
    fc.property(fc.array(rows, { minLength: 1, maxLength: 3 }), (fillings) => {
      const records = new Records(2);
      for (const filling of fillings) {
        records.clear();
        for (const row of filling) records.push(...row);
        assert.equal(records.length, filling.length);
        for (const [i, row] of filling.entries())
          assert.deepEqual([...records.values.subarray(i * FIELDS, (i + 1) * FIELDS)], row);
        for (let field = 0; field < FIELDS; field++) {
          assert.deepEqual(
            [...records.column(field)],
            filling.map((row) => row[field]),
          );
          assert.deepEqual(
            [...records.column(field, (value) => value >>> 16)],
            filling.map((row) => (row[field] ?? 0) >>> 16),
          );
        }
      }
    }),
  );
});
