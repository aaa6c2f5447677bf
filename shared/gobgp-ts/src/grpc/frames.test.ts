import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeFrame, FrameReader } from "./frames.ts";
import { decodeMessage, GrpcError, statusOf } from "./status.ts";

const isGrpcError = (code: string) => (error: unknown) => error instanceof GrpcError && error.code === code;

/** `bytes` in pieces of the lengths told, the rest at the end. */
function pieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    out.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...out, bytes.subarray(at)];
}

test("Messages come out of a reader as they went into frames, however the stream is cut", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.nat({ max: 12 }), { maxLength: 40 }), (sent, lengths) => {
      const reader = new FrameReader(40);
      const got: Uint8Array[] = [];
      for (const piece of pieces(Buffer.concat(sent.map(encodeFrame)), lengths))
        for (const message of reader.push(piece)) got.push(Uint8Array.from(message));
      reader.end();
      assert.deepEqual(got, sent);
    }),
  );
});

test("Any octets give messages within the limit or a GrpcError", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
      const reader = new FrameReader(16);
      try {
        for (const chunk of chunks) for (const message of reader.push(chunk)) assert.ok(message.length <= 16);
        reader.end();
      } catch (error) {
        assert.ok(error instanceof GrpcError);
      }
    }),
  );
});

test("A message that is too long is refused by its length alone", () => {
  const [announced] = pieces(encodeFrame(new Uint8Array(17)), [5]);
  assert.ok(announced !== undefined);
  assert.throws(() => [...new FrameReader(16).push(announced)], isGrpcError("resource-exhausted"));
});

test("A compressed message, which was not agreed on, and an end amid a message are refused", () => {
  assert.throws(() => [...new FrameReader(16).push(Uint8Array.of(1, 0, 0, 0, 0))], isGrpcError("internal"));
  const reader = new FrameReader(16);
  assert.deepEqual([...reader.push(Uint8Array.of(0, 0, 0, 0, 2, 7))], []);
  assert.throws(() => reader.end(), isGrpcError("internal"));
});

test("Any text survives percent-encoding, and what is not encoded stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (text) => {
      assert.equal(decodeMessage(encodeURIComponent(text.toWellFormed())), text.toWellFormed());
    }),
  );
  for (const odd of ["100%", "%zz", "%4", "a%2", ""]) assert.equal(decodeMessage(odd), odd);
  assert.equal(decodeMessage("a".repeat(1 << 20)).length, 4096);
});

test("A status is told by name, and one that nobody has defined is unknown", () => {
  assert.equal(statusOf({ "grpc-status": "0" }), undefined);
  assert.equal(statusOf({ "grpc-status": "14", "grpc-message": "gone%21" })?.code, "unavailable");
  assert.equal(statusOf({ "grpc-status": "14", "grpc-message": "gone%21" })?.message, "gone!");
  for (const odd of [undefined, "", "17", "-1", "0x0", "00", "1e1", "999999"])
    assert.equal(statusOf({ "grpc-status": odd })?.code, "unknown");
});
