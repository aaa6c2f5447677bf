import { accessShardName } from "@vsix/shared/contract/part-access.ts";
import type { AccessUse } from "@vsix/shared/contract/up-access.ts";
import type { Logger } from "pino";
import {
  NO_COUNTS,
  type ShardUsers,
  shardMark,
  type UserCounts,
  usersByShard,
} from "../core/access-message.ts";
import type { KindStandings } from "../core/access-standing.ts";
import type { AgentDocument } from "../documents/document.ts";
import type { AccessState } from "./access-state.ts";

export interface AccessTellingOptions {
  readonly node: string;
  readonly access: AccessState;
  readonly standings: () => KindStandings;
  /** In force. */
  readonly document: () => AgentDocument | undefined;
  readonly counts: (signal: AbortSignal) => Promise<UserCounts>;
  /** May throw. */
  readonly publicKeyOf: (device: string) => string;
  readonly publish: (message: AccessUse) => void;
  readonly log: Logger;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** Counts are read so often; then a shard is told every so often until all have been. */
const ROUND_MS = 15_000;
const SHARD_EVERY_MS = 200;

/**
 * Tells the controller what became of users: the shards that differ as soon as the kernel has been made what the document says,
 * all of them with their counts now and then. A router with no part `access` says nothing.
 */
export class AccessTelling implements AsyncDisposable {
  readonly #options: AccessTellingOptions;
  readonly #abort = new AbortController();
  readonly #round: NodeJS.Timeout;
  /** By shard: what was told at once last. */
  readonly #told = new Map<number, string>();
  /** The document that the kernel was made to be. */
  #settled: AgentDocument | undefined;
  #counts: UserCounts = NO_COUNTS;
  #counting: Promise<void> = Promise.resolve();

  constructor(options: AccessTellingOptions) {
    this.#options = options;
    this.#round = setInterval(() => {
      this.#counting = this.#tellAll();
    }, ROUND_MS);
  }

  /** The kernel has been made what is desired, as far as it can be. */
  settled(): void {
    this.#settled = this.#options.document();
    this.#tellChanged();
  }

  /** Whoever listens may be a new one. */
  connected(): void {
    this.#told.clear();
    if (this.#settled !== undefined) this.#tellChanged();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#round);
    this.#abort.abort();
    await this.#counting;
  }

  #tellChanged(): void {
    const document = this.#settled;
    const shards = this.#shards();
    if (document === undefined) return;
    for (const [shard, users] of shards.entries()) {
      const name = accessShardName(shard);
      const sha256 = document.manifest.parts.find((part) => part.name === name)?.sha256 ?? "";
      const mark = `${sha256}\n${shardMark(users)}`;
      if (this.#told.get(shard) === mark) continue;
      this.#told.set(shard, mark);
      this.#tell(document, shards.length, shard, users);
    }
  }

  async #tellAll(): Promise<void> {
    const { signal } = this.#abort;
    const { access, counts, log } = this.#options;
    if (access.desired === undefined) return;
    try {
      this.#counts = await counts(signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, "users cannot be counted now");
    }
    for (let shard = 0; !signal.aborted; shard++) {
      const document = this.#settled;
      const shards = this.#shards();
      const users = shards[shard];
      if (document === undefined || users === undefined) return;
      // Of nobody there is nothing new to say; that they are gone was told.
      if (users.tunnels.length + users.srv6.length + users.peers.length > 0 || shard === 0)
        this.#tell(document, shards.length, shard, users);
      await new Promise((resolve) => setTimeout(resolve, SHARD_EVERY_MS));
    }
  }

  #shards(): readonly ShardUsers[] {
    const { access, standings } = this.#options;
    const { access: document, desired } = access;
    if (document === undefined || desired === undefined) return [];
    return usersByShard(document.frame, desired, standings(), this.#counts);
  }

  #tell({ manifest }: AgentDocument, shards: number, shard: number, users: ShardUsers): void {
    const { node, publish, now } = this.#options;
    publish({
      version: 1,
      node,
      at: new Date(now()).toISOString(),
      epoch: manifest.epoch,
      generation: manifest.generation,
      shards,
      shard,
      devices: this.#devices(),
      ...users,
    });
  }

  #devices(): AccessUse["devices"] {
    const { access, publicKeyOf } = this.#options;
    return (access.access?.frame.wireguard ?? []).flatMap(({ id, listenPort }) => {
      try {
        return [{ id, publicKey: publicKeyOf(id), listenPort }];
      } catch {
        // Its key is a condition of the report already.
        return [];
      }
    });
  }
}
