import { type Envelope, manifestType } from "@vsix/shared/contract/envelope.ts";
import type { Manifest } from "@vsix/shared/contract/manifest.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { Logger } from "pino";
import { type Clock, timestamp } from "../clock.ts";
import type { DesiredNode } from "../desired/document.ts";
import { messageOf } from "../errors.ts";
import type { Broker } from "./broker.ts";

/** Signs exact bytes under a payload type. */
export type Signer = (payloadType: string, payload: Uint8Array) => Envelope;

export interface PublisherOptions {
  readonly broker: Broker;
  readonly sign: Signer;
  /** Which incarnation of the controller speaks. */
  readonly epoch: () => number;
  readonly acceptForMs: number;
  /** What a node's manifest carries besides what it should be: its nonce, a trial's terms. */
  readonly extras?: (node: DesiredNode) => Pick<Manifest, "lineage" | "nonce" | "confirm">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is heard of nodes without a part asking for it. */
const HEARS = ["machine"];

/** Pause after the first failed publish, milliseconds; doubles up to the last. */
const RETRY_FIRST_MS = 100;
const RETRY_LAST_MS = 10_000;

/** What to do to one node's topics; the newest wins. */
type Job =
  | { readonly kind: "publish"; readonly node: DesiredNode }
  | { readonly kind: "remove"; readonly node: string; readonly parts: readonly string[] };

/**
 * Puts documents where nodes find them: parts first, each retained under its hash, then the signed manifest. One worker
 * per node, so that a broker slow with one does not hold up the rest; failures are tried again until they succeed or
 * something newer is wanted.
 */
export class Publisher implements AsyncDisposable {
  readonly #options: PublisherOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #workers = new Map<string, Promise<void>>();
  /** Part topics that this broker is known to hold. */
  readonly #held = new Set<string>();
  readonly #stop = new AbortController();
  readonly #counts = { done: 0, failed: 0 };
  /** While set, nothing is sent. */
  #gate: PromiseWithResolvers<void> | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Attempts to put one node's documents at the broker, since the start. */
  get counts(): { readonly done: number; readonly failed: number } {
    return this.#counts;
  }

  /** Sends nothing until {@link Publisher.open}; what is asked for meanwhile waits, the newest of each node. */
  shut(): void {
    this.#gate ??= Promise.withResolvers<void>();
  }

  open(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** Resolves when the node's topics show this document or a newer one, or the publisher is disposed of. */
  publish(node: DesiredNode): Promise<void> {
    return this.#enqueue(node.node, { kind: "publish", node });
  }

  /** Clears the manifest and the given parts of a node that is no longer in the fabric. */
  remove(node: string, parts: readonly string[]): Promise<void> {
    return this.#enqueue(node, { kind: "remove", node, parts });
  }

  /** Clears one part topic. Throws ControllerError `broker`. */
  async clearPart(node: string, sha256: string): Promise<void> {
    const topic = topics.part(node, sha256);
    this.#held.delete(topic);
    await this.#options.broker.publishRetained(topic, new Uint8Array());
  }

  /** Forgets what the broker is known to hold: it may have been restarted empty. */
  forget(): void {
    this.#held.clear();
  }

  /** The signed manifest of a node, as it would be published now. */
  envelope(node: DesiredNode): Envelope {
    const { clock, acceptForMs, sign } = this.#options;
    const nowMs = clock.wallMs();
    const manifest: Manifest = {
      version: 1,
      node: node.node,
      epoch: this.#options.epoch(),
      generation: node.generation,
      revision: node.revision,
      issuedAt: timestamp(nowMs),
      acceptUntil: timestamp(nowMs + acceptForMs),
      parts: node.parts.map(({ name, sha256, generation, size }) => ({ name, sha256, generation, size })),
      hears: HEARS,
      ...this.#options.extras?.(node),
    };
    return sign(manifestType(node.node), Buffer.from(JSON.stringify(manifest)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.open();
    await Promise.allSettled(this.#workers.values());
  }

  #enqueue(node: string, job: Job): Promise<void> {
    this.#jobs.set(node, job);
    const running = this.#workers.get(node);
    if (running !== undefined) return running;
    const worker = this.#work(node).finally(() => this.#workers.delete(node));
    this.#workers.set(node, worker);
    return worker;
  }

  async #work(name: string): Promise<void> {
    const { signal } = this.#stop;
    let pauseMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      if (this.#gate !== undefined) {
        await this.#gate.promise;
        continue;
      }
      const job = this.#jobs.get(name);
      if (job === undefined) return;
      try {
        if (job.kind === "publish") await this.#put(job.node, signal);
        else await this.#clear(job.node, job.parts);
        if (this.#jobs.get(name) === job) this.#jobs.delete(name);
        pauseMs = RETRY_FIRST_MS;
        this.#counts.done++;
      } catch (error) {
        this.#counts.failed++;
        this.#options.log.warn({ node: name, reason: messageOf(error), retryMs: pauseMs }, "publish failed");
        await this.#options.clock.sleep(pauseMs, signal);
        pauseMs = Math.min(pauseMs * 2, RETRY_LAST_MS);
      }
    }
  }

  async #put(node: DesiredNode, signal: AbortSignal): Promise<void> {
    const { broker, log } = this.#options;
    for (const part of node.parts) {
      const topic = topics.part(node.node, part.sha256);
      if (this.#held.has(topic)) continue;
      await broker.publishRetained(topic, part.bytes);
      this.#held.add(topic);
      if (signal.aborted) return;
    }
    const envelope = Buffer.from(JSON.stringify(this.envelope(node)));
    await broker.publishRetained(topics.manifest(node.node), envelope);
    log.info({ node: node.node, generation: node.generation, revision: node.revision }, "manifest published");
  }

  async #clear(node: string, parts: readonly string[]): Promise<void> {
    await this.#options.broker.publishRetained(topics.manifest(node), new Uint8Array());
    for (const sha256 of parts) await this.clearPart(node, sha256);
  }
}
