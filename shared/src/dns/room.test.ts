import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BytesTable } from "./bytes-table.ts";
import { numbers32, pooledRoom } from "./room.ts";

const CHUNK = 4096;

test("pieces of a pool are apart, begin at words of eight octets and are as large as was asked for", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 * CHUNK), { minLength: 1, maxLength: 40 }), (sizes) => {
      const room = pooledRoom((octets) => new ArrayBuffer(octets), CHUNK);
      const pieces = sizes.map((octets) => room(octets));
      for (const [i, piece] of pieces.entries()) {
        assert.equal(piece.length, sizes[i]);
        assert.equal(piece.byteOffset % 8, 0);
        piece.fill(1 + (i % 255));
      }
      for (const [i, piece] of pieces.entries()) assert.ok(piece.every((octet) => octet === 1 + (i % 255)));
    }),
  );
});

test("a pool takes no more memory than its pieces need", () => {
  const taken: number[] = [];
  const room = pooledRoom((octets) => {
    taken.push(octets);
    return new ArrayBuffer(octets);
  }, CHUNK);
  for (let i = 0; i < 6; i++) numbers32(room, 100);
  assert.deepEqual(taken, [CHUNK]);
  room(CHUNK + 1);
  room(400);
  assert.deepEqual(taken, [CHUNK, CHUNK + 1]);
});

test("a table in a pool numbers keys as one elsewhere does, also when it has grown out of its room", () => {
  const one = new BytesTable(7, 16, 64);
  const other = new BytesTable(
    7,
    16,
    64,
    pooledRoom((octets) => new ArrayBuffer(octets), 1 << 16),
  );
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 200 }), (keys) => {
      for (const key of keys) {
        const number = other.intern(key, 0, key.length);
        assert.equal(number, one.intern(key, 0, key.length));
        assert.deepEqual(other.at(number), key);
      }
      assert.deepEqual(other.joined(), one.joined());
    }),
    { numRuns: 50 },
  );
});
