import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { openDatabase, openReader } from "@vsix/controller/dns/database.ts";
import type { StoreResult } from "@vsix/controller/dns/messages.ts";
import { ReaderDesk, type ReaderRequests } from "@vsix/controller/dns/reader-desk.ts";
import { WriterDesk, type WriterRequests } from "@vsix/controller/dns/writer-desk.ts";
import type { DnsPair } from "@vsix/shared/dns/model.ts";
import { batchOf, type PairOptions, pairOf } from "./dns-pairs.ts";

/** What the two threads that hold captured DNS are asked, without threads. */

export const DAY = 86_400_000;
/** The beginning of an hour. */
export const T0 = Date.parse("2026-11-20T10:00:00Z");
const KEPT = { days: 365, octets: 1e12 };
export const RETENTION = { pairs: KEPT, minutes: KEPT, hours: KEPT, dayRollups: KEPT };
const directory = mkdtempSync(join(tmpdir(), "vsix-dns-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;

export class Desk {
  readonly file = join(directory, `${files++}.db`);
  readonly db = openDatabase(this.file);
  readonly writer: WriterRequests = new WriterDesk(this.db).requests;
  readonly reader: ReaderRequests = new ReaderDesk(openReader(this.file)).requests;
  #sequences = new Map<string, number>();

  put(node: string, pairs: readonly DnsPair[], meta: Parameters<typeof batchOf>[1] = {}): StoreResult {
    const sequence = (this.#sequences.get(node) ?? 0) + 1;
    this.#sequences.set(node, sequence);
    const result = this.store(node, "one", sequence, pairs, meta);
    assert.equal(result.kind, "stored", JSON.stringify(result));
    return result;
  }

  store(
    node: string,
    instance: string,
    sequence: number,
    pairs: readonly DnsPair[],
    meta: Parameters<typeof batchOf>[1] = {},
  ): StoreResult {
    return this.writer.store({ node, instance, sequence, bytes: batchOf(pairs, meta), nowMs: T0 });
  }

  /** Everything that is due is counted, and put together. */
  settle(nowMs = T0 + DAY) {
    for (;;) {
      const work = this.writer.work({ nowMs, budgetMs: 1_000, retention: RETENTION, learn: true });
      assert.deepEqual(work.faults, []);
      if (!work.more && work.merged === 0) return work;
    }
  }

  total(fromMs = T0 - DAY, untilMs = T0 + DAY) {
    return this.reader.outcomes({ where: { fromMs, untilMs } });
  }
}

export const many = (count: number, options: (i: number) => PairOptions): DnsPair[] =>
  Array.from({ length: count }, (_, i) => pairOf(options(i)));

export function exported(
  desk: Desk,
  where: { fromMs: number; untilMs: number; name?: string },
  format: "csv" | "parquet",
) {
  const number = desk.reader.exportBegin({ where, format });
  const parts: Uint8Array[] = [];
  for (let part = desk.reader.exportNext(number); part !== null; part = desk.reader.exportNext(number))
    parts.push(part);
  return Buffer.concat(parts);
}
