import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  DnsMessageError,
  decodeDnsAck,
  decodeDnsBatch,
  decodeDnsChunk,
  encodeDnsBatch,
  encodeDnsChunk,
} from "@vsix/shared/contract/up-dns.ts";

/** Batches, chunks and answers as they were once on the wire; the file is only ever added to. */
interface Vector {
  readonly name: string;
  readonly kind: "batch" | "chunk" | "ack";
  readonly hex: string;
  readonly value?: unknown;
  readonly body?: string;
  readonly refused?: true;
}

const file = new URL("../../shared/vectors/v1-dns/messages.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Vector[];

function read({ kind, hex }: Vector): { readonly value: unknown; readonly body: string } {
  const bytes = Buffer.from(hex, "hex");
  if (kind === "ack") return { value: decodeDnsAck(bytes), body: "" };
  if (kind === "chunk") {
    const { head, octets } = decodeDnsChunk(bytes);
    assert.equal(Buffer.from(encodeDnsChunk(head, octets)).toString("hex"), hex);
    return { value: head, body: Buffer.from(octets).toString("hex") };
  }
  const { meta, segment } = decodeDnsBatch(bytes);
  assert.equal(Buffer.from(encodeDnsBatch(meta, segment)).toString("hex"), hex);
  return { value: meta, body: Buffer.from(segment).toString("hex") };
}

for (const vector of vectors)
  test(`the recorded ${vector.kind} "${vector.name}" means what it meant`, () => {
    if (vector.refused) assert.throws(() => read(vector), DnsMessageError);
    else assert.deepEqual(read(vector), { value: vector.value, body: vector.body });
  });
