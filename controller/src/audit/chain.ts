import { createHash } from "node:crypto";
import type { AuditTable } from "../store/schema.ts";

/** What an audit record says, without what chains it. */
export type AuditFields = Omit<AuditTable, "hash">;

/** The hash before the first record: 32 zero octets, in hex. */
export const GENESIS = "0".repeat(64);

const DOMAIN = Buffer.from("vsix audit record v1\0", "latin1");

/**
 * SHA-256 over the hash of the record before and the exact octets of this one: each field as UTF-8, its length before
 * it (32 bits, big endian), so that no two records have the same bytes. Hex.
 */
export function recordHash(previous: string, { id, at, who, what, detail }: AuditFields): string {
  const hash = createHash("sha256").update(DOMAIN).update(Buffer.from(previous, "hex"));
  for (const field of [String(id), at, who, what, detail]) {
    const bytes = Buffer.from(field, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest("hex");
}

/** Where the chain ends: number and hash of its newest record; 0 and GENESIS when there is none. */
export interface ChainEnd {
  readonly id: number;
  readonly hash: string;
}

export const EMPTY_CHAIN: ChainEnd = { id: 0, hash: GENESIS };

/** The first record that does not follow from the one before it, and why. */
export interface Break {
  readonly record: number;
  readonly reason: string;
}

/** One step along the chain: the new end, or what is wrong with this record. Records count up from 1. */
export function follow(end: ChainEnd, row: AuditTable): ChainEnd | Break {
  if (row.id > end.id + 1) {
    return { record: end.id + 1, reason: `missing: record ${row.id} comes after record ${end.id}` };
  }
  if (row.id !== end.id + 1) return { record: row.id, reason: "is there although no record has its number" };
  if (recordHash(end.hash, row) !== row.hash) {
    return { record: row.id, reason: "its hash does not fit its fields and the record before it" };
  }
  return { id: row.id, hash: row.hash };
}

export function isBreak(step: ChainEnd | Break): step is Break {
  return "record" in step;
}
