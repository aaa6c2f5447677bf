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

/** What nodes and brokers say of DNS batches. */
export const DNS_TARGETS: readonly FuzzTarget[] = [
  { name: "dns-batch", throws: [DnsMessageError], seeds: seeds("batch"), run: decodeDnsBatch, cost: 5 },
  { name: "dns-chunk", throws: [DnsMessageError], seeds: seeds("chunk"), run: decodeDnsChunk, cost: 5 },
  { name: "dns-ack", throws: [DnsMessageError], seeds: seeds("ack"), run: decodeDnsAck, json: true, cost: 5 },
];
