import assert from "node:assert/strict";
import { test } from "node:test";
import { wordBuffer } from "@vsix/shared/dns/bytes-table.ts";
import fc from "fast-check";
import { Views } from "../views.ts";
import { MESSAGE, MessageReader, REPLY_ROOM, TTLS_ROOM } from "./message.ts";

const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
const name = fc.array(label, { maxLength: 8 }).map((labels) => {
  const octets = labels.flatMap((one) => [one.length, ...one]);
  return [...octets, 0];
});
const word = (value: number): number[] => [value >> 8, value & 0xff];
const question = fc.record({ name, type: fc.nat(0xffff), class: fc.nat(0xffff) });

/** By itself in a buffer that begins anywhere, with other octets before and behind. */
function placed(message: readonly number[], before: number): Uint8Array {
  const bytes = new Uint8Array(before + message.length + 9).fill(0x5a);
  bytes.set(message, before);
  return bytes;
}

const head = (answers: number, flags = 0x8180): number[] => [
  1,
  2,
  ...word(flags),
  0,
  1,
  ...word(answers),
  0,
  0,
  0,
  0,
];
const lowered = (octets: readonly number[]): number[] => octets.map((o) => (o >= 65 && o <= 90 ? o + 32 : o));

test("a question is written in lower case, type and class as they are, zeros to the end of the last word", () => {
  fc.assert(
    fc.property(question, fc.nat(7), (asked, before) => {
      const tail = [...word(asked.type), ...word(asked.class)];
      const bytes = placed([...head(0, 0x100), ...asked.name, ...tail], before);
      const reader = new MessageReader(new Views());
      const key = wordBuffer(400);
      key.bytes.fill(0xee);
      const end = before + 12 + asked.name.length + 4;
      assert.equal(reader.question(bytes, before, end, key, 3), MESSAGE.right);
      const length = asked.name.length + 4;
      const padded = (length + 3) & ~3;
      const expected = [...lowered(asked.name), ...tail, ...new Array<number>(padded - length).fill(0)];
      assert.deepEqual([...key.bytes.subarray(12, 12 + padded)], expected);
      assert.deepEqual([reader.questionLength, reader.type], [length, asked.type]);
    }),
  );
});

test("replies are the same when only TTLs differ, and not when any other octet does", () => {
  const rdata = fc.uint8Array({ maxLength: 30 });
  const records = fc.array(fc.record({ rdata, ttl: fc.nat(0xffffffff) }), { maxLength: 6 });
  fc.assert(
    fc.property(question, records, fc.nat(7), fc.nat(), (asked, answers, before, other) => {
      const message = (ttl: (own: number) => number): number[] => [
        ...head(answers.length),
        ...[...asked.name, ...word(asked.type), ...word(asked.class)],
        ...answers.flatMap((answer) => {
          const seconds = ttl(answer.ttl);
          return [0xc0, 12, 0, 16, 0, 1, ...word(seconds >>> 16), ...word(seconds & 0xffff)].concat(
            word(answer.rdata.length),
            [...answer.rdata],
          );
        }),
      ];
      const read = (octets: readonly number[]) => {
        const reader = new MessageReader(new Views());
        const [key, out, ttls] = [wordBuffer(400), wordBuffer(REPLY_ROOM), wordBuffer(TTLS_ROOM)];
        out.bytes.fill(0xee);
        const bytes = placed(octets, before);
        assert.equal(reader.question(bytes, before, before + octets.length, key, 0), MESSAGE.right);
        const length = reader.reply(bytes, key, 0, out, ttls);
        assert.equal(reader.damaged, false);
        const padded = [...out.bytes.subarray(length, (length + 3) & ~3)];
        assert.ok(padded.every((octet) => octet === 0));
        return { key: [...out.bytes.subarray(0, length)], ttls: ttls.bytes.slice(0, reader.readable * 4) };
      };
      const one = read(message((own) => own));
      const same = read(message(() => other));
      assert.deepEqual(one.key, same.key);
      const view = new DataView(one.ttls.buffer);
      assert.deepEqual(
        answers.map((_, i) => view.getUint32(i * 4)),
        answers.map(({ ttl }) => ttl),
      );
      // The last octet of the last answer's rdata, changed.
      if ((answers.at(-1)?.rdata.length ?? 0) === 0) return;
      const changed = message((own) => own);
      changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
      assert.notDeepEqual(read(changed).key, one.key);
    }),
  );
});
