import assert from "node:assert/strict";
import { test } from "node:test";
import type { DnsChunkHead } from "@vsix/shared/contract/up-dns.ts";
import { BatchAssembler } from "./assembler.ts";

const sha256 = "0".repeat(64);
const head = (node: string, sequence: number, offset: number, total: number): DnsChunkHead => ({
  version: 1,
  node,
  instance: "i",
  sequence,
  offset,
  total,
  sha256,
});

test("chunks in their order make a batch, and nothing is held after it", () => {
  const assembler = new BatchAssembler(100);
  assert.equal(assembler.take(head("a", 1, 0, 5), Uint8Array.of(1, 2, 3)), "more");
  assert.equal(assembler.octets, 5);
  const whole = assembler.take(head("a", 1, 3, 5), Uint8Array.of(4, 5));
  assert.ok(typeof whole === "object");
  assert.deepEqual([...whole.bytes], [1, 2, 3, 4, 5]);
  assert.equal(assembler.octets, 0);
});

test("what does not follow is let go of: a gap, another batch, another length", () => {
  const assembler = new BatchAssembler(100);
  assert.equal(assembler.take(head("a", 1, 3, 5), Uint8Array.of(1)), "out-of-order");
  assert.equal(assembler.take(head("a", 1, 0, 5), Uint8Array.of(1)), "more");
  assert.equal(assembler.take(head("a", 1, 2, 5), Uint8Array.of(1)), "out-of-order");
  assert.equal(assembler.take(head("a", 2, 1, 5), Uint8Array.of(1)), "out-of-order");
  assert.equal(assembler.take(head("a", 1, 1, 6), Uint8Array.of(1)), "out-of-order");
  assert.equal(assembler.take(head("b", 1, 1, 5), Uint8Array.of(1)), "out-of-order");
});

test("a beginning again takes the place of what was begun, and the bound is over all nodes", () => {
  const assembler = new BatchAssembler(10);
  for (let i = 0; i < 5; i++) assert.equal(assembler.take(head("a", 1, 0, 6), Uint8Array.of(1)), "more");
  assert.equal(assembler.octets, 6);
  assert.equal(assembler.take(head("b", 1, 0, 6), Uint8Array.of(1)), "no-room");
  assembler.drop("a");
  assert.equal(assembler.take(head("b", 1, 0, 6), Uint8Array.of(1)), "more");
});
