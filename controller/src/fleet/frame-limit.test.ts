import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameScanner } from "./frame-limit.ts";

function frame(length: number): Uint8Array {
  const head = [0x30];
  let rest = length;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    head.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Uint8Array.from([...head, ...new Uint8Array(length)]);
}

test("packets up to the limit pass however they are cut, and one more octet does not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      (lengths, cut) => {
        const bytes = Buffer.concat([...lengths.map(frame), frame(501)]);
        const scanner = new FrameScanner(500);
        const good = bytes.length - 501 - 1;
        for (let i = 0; i < bytes.length; i += cut) {
          const accepted = scanner.accept(bytes.subarray(i, i + cut));
          if (!accepted) return i + cut >= good;
        }
        return false;
      },
    ),
    { numRuns: 50 },
  );
});

test("a remaining length of five bytes is malformed", () => {
  assert.equal(new FrameScanner(2 ** 28).accept(Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x80, 1])), false);
});
