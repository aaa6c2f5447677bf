import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { parseTopic, topics } from "@vsix/shared/contract/topics.ts";
import { type DnsAck, DnsMessageError, decodeDnsChunk } from "@vsix/shared/contract/up-dns.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { BatchAssembler, type WholeBatch } from "../core/dns/assembler.ts";
import { messageOf } from "../errors.ts";
import type { Broker, BrokerMessage } from "../fleet/broker.ts";
import { LearnedAddresses } from "./learned-addresses.ts";
import type { DnsFigures, RetentionByLevel, StoreResult } from "./messages.ts";
import type { ReaderRequests } from "./reader-desk.ts";
import { DnsThread } from "./thread.ts";
import type { WriterRequests } from "./writer-desk.ts";

/** How often it is counted and pruned, and how long at once: a batch waits no longer. */
export const DNS_WORK_EVERY_MS = 2_000;
const WORK_BUDGET_MS = 400;
/** Octets of batches that are on their way, over all nodes. */
const MAX_UNDER_WAY = 256 * 1024 * 1024;
/** Refusals are logged no more often, milliseconds. */
const LOG_EVERY_MS = 60_000;

export interface DnsArchiveOptions {
  readonly file: string;
  readonly retention: RetentionByLevel;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Logger;
  /** Batches of others are let go of. */
  readonly isKnown: (node: string) => boolean;
  /** Whether somebody wants to know the addresses that users are answered with. */
  readonly learns: () => boolean;
}

export interface DnsCounts {
  readonly stored: number;
  readonly duplicate: number;
  readonly refused: number;
  readonly pairs: number;
  readonly missingPairs: number;
}

/**
 * Captured DNS on the controller: takes batches from nodes, has them stored, answers once they are committed, and asks
 * the threads that hold them. Nothing runs, and no file is made, before the first batch comes.
 */
export class DnsArchive implements AsyncDisposable {
  readonly #options: DnsArchiveOptions;
  readonly #assembler = new BatchAssembler(MAX_UNDER_WAY);
  readonly #writer: DnsThread<WriterRequests>;
  readonly #reader: DnsThread<ReaderRequests>;
  /** Nodes of which a batch is being stored. */
  readonly #storing = new Set<string>();
  readonly #counts = { stored: 0, duplicate: 0, refused: 0, pairs: 0, missingPairs: 0 };
  readonly learned = new LearnedAddresses();
  #figures: DnsFigures | undefined;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: DnsArchiveOptions) {
    this.#options = options;
    this.#writer = new DnsThread("writer", options.file, options.log);
    this.#reader = new DnsThread("reader", options.file, options.log);
  }

  get counts(): DnsCounts {
    return this.#counts;
  }

  /** As of the last look; undefined where nothing has been captured. */
  get figures(): DnsFigures | undefined {
    return this.#figures;
  }

  /** Begins to take batches. */
  async listen(): Promise<void> {
    await this.#options.broker.subscribe(topics.anyUp("dns"), (message) => this.#chunk(message));
  }

  /** Asks the thread that reads; undefined where nothing was ever captured. Throws ControllerError. */
  async ask<Name extends keyof ReaderRequests>(
    name: Name,
    question: Parameters<ReaderRequests[Name]>[0],
  ): Promise<ReturnType<ReaderRequests[Name]> | undefined> {
    if (!existsSync(this.#options.file)) return undefined;
    // The file may be of an older version: the writer brings it up to date.
    if (this.#figures === undefined) await this.#look();
    return this.#reader.ask(name, question);
  }

  /** One look: counts what has come, prunes what is too much. */
  async work(): Promise<void> {
    const { clock, retention, log, file, learns } = this.#options;
    if (!existsSync(file)) return;
    const { minutes, hours, pruned, merged, addresses, faults } = await this.#writer.ask("work", {
      nowMs: clock.wallMs(),
      budgetMs: WORK_BUDGET_MS,
      retention,
      learn: learns(),
    });
    this.learned.add(addresses, clock.monotonicMs());
    for (const reason of faults) log.error({ reason }, "a segment of captured DNS cannot be read");
    if (minutes + hours + pruned + merged > 0)
      log.debug({ minutes, hours, pruned, merged }, "captured DNS counted");
    await this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
    await this.#writer[Symbol.asyncDispose]();
  }

  async #look(): Promise<void> {
    this.#figures = await this.#writer.ask("figures", null);
  }

  #chunk({ topic, payload, replayed }: BrokerMessage): void {
    const node = parseTopic(topic)?.node ?? "";
    if (replayed || payload.length === 0) return;
    if (!this.#options.isKnown(node)) {
      this.#refuse(node, "it is in no fabric");
      return;
    }
    try {
      const { head, octets } = decodeDnsChunk(payload);
      if (head.node !== node) throw new DnsMessageError("it speaks for another node");
      // One at a time: what comes beside it is sent again.
      if (this.#storing.has(node)) return;
      const whole = this.#assembler.take(head, octets);
      if (typeof whole === "object") void this.#store(whole);
      else if (whole === "no-room") this.#refuse(node, "too much is on its way; it has to come again");
    } catch (error) {
      if (!(error instanceof DnsMessageError)) throw error;
      this.#refuse(node, error.message);
    }
  }

  async #store(batch: WholeBatch): Promise<void> {
    const { node, instance, sequence, sha256, bytes } = batch;
    if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
      this.#refuse(node, "a batch whose chunks do not come to its SHA-256");
      return;
    }
    this.#storing.add(node);
    try {
      const nowMs = this.#options.clock.wallMs();
      const request = { node, instance, sequence, bytes, nowMs };
      const result = await this.#writer.ask("store", request, [bytes.buffer]);
      this.#count(result);
      if (result.kind === "refused") this.#refuse(node, result.reason);
      await this.#answer(batch, result);
    } catch (error) {
      // No answer: the node sends it again.
      this.#options.log.error({ node, reason: messageOf(error) }, "captured DNS could not be stored");
    } finally {
      this.#storing.delete(node);
    }
  }

  async #answer({ node, instance, sequence }: WholeBatch, result: StoreResult): Promise<void> {
    const refused = result.kind === "refused" ? { refused: result.reason.slice(0, 300) } : {};
    const ack: DnsAck = { version: 1, instance, through: sequence, ...refused };
    await this.#options.broker.publishRetained(topics.dnsAck(node), Buffer.from(JSON.stringify(ack)));
  }

  #count(result: StoreResult): void {
    this.#counts[result.kind]++;
    if (result.kind !== "stored") return;
    this.#counts.pairs += result.pairs;
    this.#counts.missingPairs += result.missingPairs;
  }

  #refuse(node: string, reason: string): void {
    const { clock, log } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + LOG_EVERY_MS;
    log.warn({ node, reason }, "captured DNS refused");
  }
}
