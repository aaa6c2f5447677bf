import { type DnsBatchMeta, DnsMessageError, decodeDnsBatch } from "@vsix/shared/contract/up-dns.ts";
import type { DigestParts } from "@vsix/shared/dns/segment-digest.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import type { Database } from "./database.ts";
import type { StoreRequest, StoreResult } from "./messages.ts";
import { checkSegment } from "./segment-check.ts";
import {
  digestOctets,
  digestOfParts,
  type SegmentPart,
  SegmentParts,
  splitSegment,
} from "./segment-parts.ts";
import { addTo } from "./tallies.ts";

/** Longest time that one batch may be about: agents seal theirs within seconds. */
const MAX_SPAN_US = 3_600_000_000;
/** Lives of one node's spool that are remembered. */
const KEEP_FEEDS = 64;
/** Newest gaps of one node that are remembered. */
const KEEP_GAPS = 256;
const MINUTE_US = 60_000_000;

interface FeedRow {
  readonly through: number;
  readonly pairs_through: number;
}

/** A batch that has been looked into. */
interface Checked {
  readonly meta: DnsBatchMeta;
  readonly parts: readonly SegmentPart[];
  readonly digest: DigestParts | undefined;
}

/** Takes batches into the database: each once, whatever is sent again. */
export class Intake {
  readonly #db: Database;
  readonly #parts: SegmentParts;
  readonly #feed;
  readonly #putFeed;
  readonly #addMissing;
  readonly #forgetFeeds;
  readonly #putGap;
  readonly #forgetGaps;
  readonly #insert;
  readonly #dirty;

  constructor(db: Database) {
    this.#db = db;
    this.#parts = new SegmentParts(db);
    this.#feed = db.prepare("SELECT through, pairs_through FROM feed WHERE node = ? AND instance = ?");
    this.#putFeed = db.prepare(
      `INSERT INTO feed (node, instance, through, pairs_through, missing_batches, missing_pairs, updated_ms)
       VALUES (@node, @instance, @through, @pairs, @missingBatches, @missingPairs, @nowMs)
       ON CONFLICT (node, instance) DO UPDATE SET through = excluded.through, pairs_through = excluded.pairs_through,
         missing_batches = feed.missing_batches + excluded.missing_batches,
         missing_pairs = feed.missing_pairs + excluded.missing_pairs, updated_ms = excluded.updated_ms`,
    );
    this.#addMissing = db.prepare(
      "UPDATE feed SET missing_pairs = missing_pairs + ?, pairs_through = pairs_through + ? WHERE node = ? AND instance = ?",
    );
    this.#forgetFeeds = db.prepare(
      `DELETE FROM feed WHERE node = @node AND instance NOT IN
         (SELECT instance FROM feed WHERE node = @node ORDER BY updated_ms DESC, instance DESC LIMIT ${KEEP_FEEDS})`,
    );
    this.#putGap = db.prepare("INSERT OR REPLACE INTO gap (node, from_us, to_us) VALUES (?, ?, ?)");
    this.#forgetGaps = db.prepare(
      `DELETE FROM gap WHERE node = @node AND from_us NOT IN
         (SELECT from_us FROM gap WHERE node = @node ORDER BY from_us DESC LIMIT ${KEEP_GAPS})`,
    );
    this.#insert = db.prepare(
      `INSERT INTO segment (node, instance, sequence, first_us, last_us, pairs, octets, digest, stored_ms, points)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#dirty = db.prepare(
      `INSERT INTO dirty (level, start_s, since_ms) VALUES ('minute', ?, ?)
       ON CONFLICT (level, start_s) DO UPDATE SET since_ms = excluded.since_ms`,
    );
  }

  /** Commits a batch, or says why not. Throws what SQLite says (a full disk): then it is to be sent again. */
  store(request: StoreRequest): StoreResult {
    let checked: Checked;
    try {
      checked = this.#check(request.bytes);
    } catch (error) {
      if (!(error instanceof DnsMessageError) && !(error instanceof DnsSegmentError)) throw error;
      this.#putFeed.run(this.#feedRow(request, 0, 0, 0));
      return { kind: "refused", reason: error.message.slice(0, 300) };
    }
    return this.#db.transaction(() => this.#commit(request, checked))();
  }

  /** Throws DnsMessageError, DnsSegmentError. */
  #check(bytes: Uint8Array): Checked {
    const { meta, segment } = decodeDnsBatch(bytes);
    if (meta.lastUs - meta.firstUs > MAX_SPAN_US) throw new DnsMessageError("it is about more than an hour");
    if (meta.pairs === 0) return { meta, parts: [], digest: undefined };
    const opened = checkSegment(segment, meta);
    const parts = splitSegment(segment);
    return { meta, parts, digest: digestOfParts(opened, parts) };
  }

  #commit(request: StoreRequest, { meta, parts, digest }: Checked): StoreResult {
    const { node, instance, sequence, nowMs } = request;
    const feed = this.#feed.get(node, instance) as FeedRow | undefined;
    if (feed !== undefined && sequence <= feed.through) return { kind: "duplicate" };
    const missingBatches = sequence - (feed?.through ?? 0) - 1;
    let missingPairs = Math.max(0, meta.pairsBefore - (feed?.pairs_through ?? 0));
    const through = meta.pairsBefore + meta.pairs;
    this.#putFeed.run(this.#feedRow(request, through, missingBatches, missingPairs));
    missingPairs += this.#tailsOf(node, meta);
    this.#forgetFeeds.run({ node });
    if (meta.gap !== undefined) {
      this.#putGap.run(node, meta.gap.fromUs, meta.gap.toUs);
      this.#forgetGaps.run({ node });
    }
    if (parts.length > 0) {
      const octets = parts.reduce((sum, { data }) => sum + data.length, 0);
      const { firstUs, lastUs, pairs, points } = meta;
      const row = this.#insert.run(
        node,
        instance,
        sequence,
        firstUs,
        lastUs,
        pairs,
        octets,
        digestOctets(digest),
        nowMs,
        JSON.stringify(points),
      );
      this.#parts.insert(Number(row.lastInsertRowid), parts, digest);
      for (let us = firstUs - (firstUs % MINUTE_US); us <= lastUs; us += MINUTE_US)
        this.#dirty.run(us / 1_000_000, nowMs);
    }
    const minuteS = Math.floor(meta.lastUs / MINUTE_US) * 60;
    addTo(this.#db, minuteS, node, {
      ...meta.counters,
      batches: 1,
      storedPairs: meta.pairs,
      missingPairs,
      missingBatches,
    });
    return { kind: "stored", pairs: meta.pairs, missingPairs };
  }

  /** Earlier lives that ended with pairs in no batch: killed, or without power. Each is told once. */
  #tailsOf(node: string, meta: DnsBatchMeta): number {
    let missing = 0;
    for (const { instance, pairs } of meta.previous ?? []) {
      const feed = this.#feed.get(node, instance) as FeedRow | undefined;
      const tail = Math.max(0, pairs - (feed?.pairs_through ?? 0));
      if (feed !== undefined) this.#addMissing.run(tail, tail, node, instance);
      missing += tail;
    }
    return missing;
  }

  #feedRow(request: StoreRequest, pairs: number, missingBatches: number, missingPairs: number) {
    const { node, instance, sequence, nowMs } = request;
    const before = this.#feed.get(node, instance) as FeedRow | undefined;
    return {
      node,
      instance,
      through: Math.max(sequence, before?.through ?? 0),
      pairs: Math.max(pairs, before?.pairs_through ?? 0),
      missingBatches,
      missingPairs,
      nowMs,
    };
  }
}
