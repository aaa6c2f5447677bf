import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesTable, inWords, wordBuffer } from "./bytes-table.ts";

/** Entries one behind the other, as a segment has them. */
function dictionaryOf(entries: readonly Uint8Array[]) {
  const starts = new Uint32Array(entries.length + 1);
  for (const [i, { length }] of entries.entries()) starts[i + 1] = (starts[i] as number) + length;
  return { octets: Buffer.concat(entries), starts };
}

test("many keys at once get the numbers that they get one by one, new ones and such as are there twice included", () => {
  const entries = Array.from({ length: 5_000 }, (_, i) => Buffer.from(`${"x".repeat(i % 41)}${i % 3_000}`));
  const dictionary = dictionaryOf(entries);
  const wanted = Uint32Array.from(entries.keys()).filter((i) => i % 7 !== 0);
  for (const seed of [0, 0x9e3779b9]) {
    const [one, many] = [new BytesTable(seed, 16, 64), new BytesTable(seed, 16, 64)];
    for (const entry of entries.slice(0, 100))
      for (const table of [one, many]) table.intern(entry, 0, entry.length);
    const ids = new Uint32Array(wanted.length);
    many.internMany(dictionary, wanted, wanted.length, ids);
    const expected = [...wanted].map((i) =>
      one.intern(entries[i] as Buffer, 0, (entries[i] as Buffer).length),
    );
    assert.deepEqual([...ids], expected);
    assert.equal(many.size, one.size);
    for (const [i, id] of ids.entries())
      assert.deepEqual(Buffer.from(many.at(id)), entries[wanted[i] as number]);
  }
});

test("a key has one number, whether it comes as octets, as words, or with something behind it", () => {
  const table = new BytesTable(7, 16, 64);
  for (let i = 0; i < 2_000; i++) {
    const key = Buffer.from(`${"y".repeat(i % 23)}${i}`);
    const followed = wordBuffer(key.length + 12);
    followed.bytes.fill(0xff);
    followed.bytes.set(key, 8);
    const ways = [
      () => table.intern(key, 0, key.length),
      () => table.internWords(inWords(key), 0, key.length),
      () => table.internPart(followed, 2, key.length),
    ];
    // Each way is once the one that brings the key.
    const ids = [0, 1, 2].map((way) => ways[(i + way) % 3]?.());
    assert.deepEqual(ids, [i, i, i]);
    assert.deepEqual(Buffer.from(table.at(i)), key);
  }
});
