import type { Strategy } from "../../core/access/blocks.ts";
import type { PoolState, Purpose } from "../../core/access/pools.ts";
import type { PrefixState } from "../../core/access/prefixes.ts";

/** Tables of addresses and accounts. Prefixes are RFC 5952 text; `start` is 32 hexadecimal digits, which sort. */

export interface PoolTable {
  name: string;
  prefix: string;
  purpose: Purpose;
  /** Of the prefixes that it gives out. */
  length: number;
  site: string | null;
  strategy: Strategy;
  quarantine_s: number;
  state: PoolState;
  note: string;
  created_at: string;
  created_by: string;
}

/** Maximal aligned blocks of what is free in a pool (core/access/blocks.ts). */
export interface FreeBlockTable {
  pool: string;
  length: number;
  start: string;
}

/** What is not free. */
export interface PrefixTable {
  prefix: string;
  pool: string;
  start: string;
  length: number;
  state: PrefixState;
  /** Since when it is in that state. */
  since: string;
  /** When quarantine ends; null in every other state. */
  until: string | null;
  account: string | null;
  project: string | null;
  application: number | null;
  note: string;
}

/** What an event is about. */
export const SUBJECT_KINDS = ["pool", "prefix", "user", "project", "service", "application"] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** The history of each resource, never shortened. */
export interface AccessEventTable {
  id: number;
  kind: SubjectKind;
  subject: string;
  at: string;
  who: string;
  what: string;
  /** JSON. */
  detail: string;
}

export interface AccessTables {
  pool: PoolTable;
  free_block: FreeBlockTable;
  prefix: PrefixTable;
  access_event: AccessEventTable;
}
