import { readFile } from "node:fs/promises";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import {
  encodeEnvelope,
  openEnvelope,
  type SigningKey,
  sign,
  trustedKeys,
} from "@vsix/shared/crypto/ed25519.ts";
import type { Logger } from "pino";
import { messageOf } from "../errors.ts";
import { writeDurably } from "../store/durable-file.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Store } from "../store/store.ts";
import { type ChainEnd, EMPTY_CHAIN } from "./chain.ts";

const TYPE = "application/vnd.vsix.audit-head.v1+json";
const Head = Type.Object({
  id: Type.Integer({ minimum: 0 }),
  hash: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});

/** What the file beside the database says of the chain's end. */
export type HeadFile =
  | { readonly state: "missing" }
  | { readonly state: "unreadable"; readonly reason: string }
  | ({ readonly state: "read" } & Static<typeof Head>);

/** Reads and checks a head file; never throws. */
export async function readHead(file: string, key: SigningKey): Promise<HeadFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return { state: "missing" };
    return { state: "unreadable", reason: messageOf(cause) };
  }
  const opened = openEnvelope(bytes, TYPE, trustedKeys([key.publicKey]));
  if (!opened.ok) return { state: "unreadable", reason: opened.reason };
  const value: unknown = JSON.parse(Buffer.from(opened.payload).toString("utf8"));
  return Value.Check(Head, value)
    ? { state: "read", ...value }
    : { state: "unreadable", reason: "not a head of the audit chain" };
}

/**
 * Keeps the end of the audit chain in a signed file beside the database: records taken off the end are noticed although
 * what is left still fits together. Written after each commit, outside the way of commands; a crash leaves it a little
 * behind, which is harmless. A head that the chain does not contain is evidence, and is never written over.
 */
export class HeadKeeper implements AsyncDisposable {
  readonly #file: string;
  readonly #key: SigningKey;
  readonly #log: Logger;
  #next: ChainEnd | undefined;
  #writing: Promise<void> | undefined;

  private constructor(file: string, key: SigningKey, log: Logger) {
    this.#file = file;
    this.#key = key;
    this.#log = log;
  }

  /** Compares file and database, and from now on follows what is committed. Disagreement is logged, not thrown. */
  static async open(file: string, key: SigningKey, store: Store, log: Logger): Promise<HeadKeeper> {
    const keeper = new HeadKeeper(file, key, log);
    const head = await readHead(file, key);
    const end = await store.read.auditEnd();
    const disagreement = await disagreementOf(head, store.read);
    if (disagreement !== undefined) {
      log.error({ file, why: disagreement, record: end.id }, "audit log and its head disagree");
      return keeper;
    }
    if (head.state === "missing" && end.id > 0) {
      log.warn({ file, record: end.id }, "no head of the audit log: what was cut off before cannot be told");
    }
    keeper.#advance(end);
    store.onAudit((newEnd) => keeper.#advance(newEnd));
    return keeper;
  }

  /** What the file says, once everything committed is in it. */
  async read(): Promise<HeadFile> {
    await this.#writing;
    return readHead(this.#file, this.#key);
  }

  /** Writes what is still to be written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  #advance(end: ChainEnd): void {
    this.#next = end;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      const { id, hash } = this.#next;
      this.#next = undefined;
      const envelope = sign(TYPE, Buffer.from(JSON.stringify({ id, hash })), this.#key);
      try {
        await writeDurably(this.#file, encodeEnvelope(envelope), 0o600);
      } catch (cause) {
        // The next record tries again.
        this.#log.error({ file: this.#file, reason: messageOf(cause) }, "head of the audit log not written");
      }
    }
  }
}

/** Why file and chain contradict each other; a file that is behind does not. */
export async function disagreementOf(head: HeadFile, read: StoreReader): Promise<string | undefined> {
  if (head.state === "missing") return undefined;
  if (head.state === "unreadable") return head.reason;
  const end = await read.auditEnd();
  if (end.id < head.id) return `records ${end.id + 1} to ${head.id} were cut off the end`;
  const [row] = head.id === 0 ? [EMPTY_CHAIN] : await read.auditAfter(head.id - 1, 1);
  return row?.hash === head.hash ? undefined : `record ${head.id} is not the one that was the newest`;
}
