import { readFileSync } from "node:fs";
import {
  DnsMessageError,
  decodeDnsAck,
  decodeDnsBatch,
  decodeDnsChunk,
} from "@vsix/shared/contract/up-dns.ts";
import type { FuzzTarget } from "./targets.ts";

const file = new URL("../../shared/vectors/v1-dns/messages.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly { kind: string; hex: string }[];
const seeds = (kind: string): readonly Uint8Array[] =>
  vectors.filter((vector) => vector.kind === kind).map(({ hex }) => Buffer.from(hex, "hex"));

/** Octets before the head of a batch or chunk: what it is, and the head's length. */
const BEFORE_HEAD = 8;
const bodyAt = (message: Uint8Array): number =>
  BEFORE_HEAD + new DataView(message.buffer, message.byteOffset).getUint32(4);

/** The heads alone are spoiled, as JSON: spoiled with all the rest, one in 400 gets past the parser. */
function ofHeads(name: string, kind: string, decode: (bytes: Uint8Array) => unknown): FuzzTarget {
  const whole = seeds(kind);
  let turn = 0;
  const run = (head: Uint8Array): void => {
    const seed = whole[turn++ % whole.length] as Uint8Array;
    const message = Buffer.concat([seed.subarray(0, BEFORE_HEAD), head, seed.subarray(bodyAt(seed))]);
    message.writeUInt32BE(head.length, 4);
    decode(message);
  };
  const heads = whole.map((message) => message.subarray(BEFORE_HEAD, bodyAt(message)));
  return { name, throws: [DnsMessageError], seeds: heads, run, json: true, cost: 5 };
}

/** What nodes and brokers say of DNS batches. */
export const DNS_TARGETS: readonly FuzzTarget[] = [
  { name: "dns-batch", throws: [DnsMessageError], seeds: seeds("batch"), run: decodeDnsBatch, cost: 5 },
  { name: "dns-chunk", throws: [DnsMessageError], seeds: seeds("chunk"), run: decodeDnsChunk, cost: 5 },
  ofHeads("dns-batch-head", "batch", decodeDnsBatch),
  ofHeads("dns-chunk-head", "chunk", decodeDnsChunk),
  { name: "dns-ack", throws: [DnsMessageError], seeds: seeds("ack"), run: decodeDnsAck, json: true, cost: 5 },
];
