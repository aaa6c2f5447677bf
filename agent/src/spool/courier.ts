import { createHash } from "node:crypto";
import {
  CHUNK_OCTETS,
  type DnsAck,
  DnsMessageError,
  decodeDnsAck,
  encodeDnsChunk,
} from "@vsix/shared/contract/up-dns.ts";
import type { Logger } from "pino";
import type { DnsSpool, SpooledBatch } from "./spool.ts";

/** Chunks that the broker has not taken yet: what a report may have to wait behind. */
const WINDOW = 4;
/** How long the controller may take with a batch before it is sent again; grows to the last while nothing is heard. */
const ANSWER_FIRST_MS = 10_000;
const ANSWER_LAST_MS = 120_000;

/** The way to the controller. */
export interface CourierLink {
  isConnected(): boolean;
  /** Resolves with whether the broker has taken it. */
  send(chunk: Uint8Array): Promise<boolean>;
  /** From now on answers are listened for. */
  listen(): void;
}

export interface CourierOptions {
  readonly node: string;
  readonly spool: DnsSpool;
  readonly link: CourierLink;
  readonly log: Logger;
  /** Milliseconds; a parameter for tests. */
  readonly answerMs?: number;
}

export interface CourierFigures {
  readonly stored: number;
  readonly refused: number;
  /** Batches that were sent more than once. */
  readonly again: number;
}

/** Brings batches to the controller, the oldest first and one at a time; what is answered for is removed from the spool. */
export class Courier implements AsyncDisposable {
  readonly #options: CourierOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #forget: () => void;
  #acked: DnsAck | undefined;
  #wake: () => void = () => {};
  #stored = 0;
  #refused = 0;
  #again = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#forget = options.spool.onBatch(() => this.#wake());
    this.#done = this.#run();
  }

  get figures(): CourierFigures {
    return { stored: this.#stored, refused: this.#refused, again: this.#again };
  }

  /** A connection is up, or lost. */
  connection(): void {
    this.#wake();
  }

  /** What came on topic `dns-ack`; anything else than an answer is ignored. */
  answer(payload: Uint8Array): void {
    try {
      this.#acked = decodeDnsAck(payload);
    } catch (error) {
      if (!(error instanceof DnsMessageError)) throw error;
      this.#options.log.warn({ reason: error.message }, "answer about DNS batches ignored");
    }
    this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#forget();
    this.#wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { spool, link } = this.#options;
    let waitMs = this.#options.answerMs ?? ANSWER_FIRST_MS;
    while (!this.#stop.signal.aborted) {
      const batch = spool.first();
      if (batch === undefined || !link.isConnected()) {
        await this.#pause(undefined);
        continue;
      }
      link.listen();
      const bytes = await spool.read(batch);
      if (bytes === undefined) {
        await spool.remove(batch.instance, batch.sequence);
        continue;
      }
      if (await this.#deliver(batch, bytes, waitMs)) waitMs = this.#options.answerMs ?? ANSWER_FIRST_MS;
      else {
        this.#again++;
        waitMs = Math.min(waitMs * 2, ANSWER_LAST_MS);
      }
    }
  }

  /** Sends a batch whole and waits for the answer; false: once more. */
  async #deliver(batch: SpooledBatch, bytes: Uint8Array, waitMs: number): Promise<boolean> {
    if (await this.#settled(batch)) return true;
    if (!(await this.#send(batch, bytes))) {
      if (!this.#options.link.isConnected()) await this.#pause(undefined);
      else await this.#pause(1_000);
      return false;
    }
    const untilMs = performance.now() + waitMs;
    while (!this.#stop.signal.aborted && this.#options.link.isConnected()) {
      if (await this.#settled(batch)) return true;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return false;
      await this.#pause(leftMs);
    }
    return await this.#settled(batch);
  }

  async #settled({ instance, sequence }: SpooledBatch): Promise<boolean> {
    const acked = this.#acked;
    if (acked === undefined || acked.instance !== instance || acked.through < sequence) return false;
    const { spool, log } = this.#options;
    if (acked.refused === undefined || acked.through !== sequence) this.#stored++;
    else {
      this.#refused++;
      log.error({ instance, sequence, reason: acked.refused }, "the controller refused a DNS batch");
    }
    await spool.remove(instance, sequence);
    return true;
  }

  async #send(batch: SpooledBatch, bytes: Uint8Array): Promise<boolean> {
    const { node, link } = this.#options;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { instance, sequence } = batch;
    const underWay: Promise<boolean>[] = [];
    for (let offset = 0; offset < bytes.length; offset += CHUNK_OCTETS) {
      if (underWay.length >= WINDOW && !(await underWay.shift())) return false;
      if (this.#stop.signal.aborted) return false;
      const head = { version: 1, node, instance, sequence, offset, total: bytes.length, sha256 } as const;
      underWay.push(link.send(encodeDnsChunk(head, bytes.subarray(offset, offset + CHUNK_OCTETS))));
    }
    return (await Promise.all(underWay)).every(Boolean);
  }

  /** Until something happens, or for so long. */
  async #pause(ms: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.#stop.signal.aborted) resolve();
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }
}
