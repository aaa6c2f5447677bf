import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import {
  type DnsBatchMeta,
  encodeDnsBatch,
  MAX_BATCH_OCTETS,
  MAX_PREVIOUS,
} from "@vsix/shared/contract/up-dns.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { CheckedFile } from "../io/checked-file.ts";

/** A spool that could not take a batch. What it lost is counted by itself. */
export class SpoolError extends VsixError<"too-large" | "disk" | "disk-slow"> {
  constructor(code: SpoolError["code"], message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
    this.name = "SpoolError";
  }
}

export interface SpoolOptions {
  readonly directory: string;
  /** Octets on disk; beyond them the oldest batch is dropped. */
  readonly maxOctets: number;
}

/** What is to be kept: a segment, and what is said about it. */
export interface SpoolItem
  extends Pick<DnsBatchMeta, "points" | "firstUs" | "lastUs" | "pairs" | "counters"> {
  readonly segment: Uint8Array;
}

/** A batch on disk. */
export interface SpooledBatch {
  readonly run: number;
  readonly instance: string;
  readonly sequence: number;
  readonly octets: number;
}

export interface SpoolFigures {
  readonly batches: number;
  readonly octets: number;
  /** Since the start: batches that were dropped because the spool was full, or because the disk refused. */
  readonly dropped: number;
  readonly fault: string | undefined;
}

const State = Type.Object({
  /** Random, once for this directory. */
  id: Type.String({ pattern: "^[0-9a-f]{16}$" }),
  /** Lives of the agent with this directory. */
  run: Type.Integer({ minimum: 1 }),
});
/** RUN-SEQUENCE, so that names sort by age. */
const NAME = /^([0-9]{8})-([0-9]{12})\.batch$/;
/** Octets that wait for the disk at once. */
const MAX_WAITING_OCTETS = 32 * 1024 * 1024;

/**
 * Batches on disk until the controller has them. Each is written whole, with fsync, before it counts; the order is that of
 * writing, over any number of restarts. An instance is one life of the agent: within it batches are numbered from 1, and
 * each says how many pairs came before it, so whatever goes missing is counted by whoever reads them.
 */
export class DnsSpool {
  readonly instance: string;
  readonly #directory: string;
  readonly #maxOctets: number;
  readonly #run: number;
  /** Earlier lives that nobody has been told of. */
  #previous: readonly { readonly file: string; readonly instance: string; readonly pairs: number }[];
  readonly #progress: number;
  readonly #listeners = new Set<() => void>();
  #batches: SpooledBatch[];
  #octets: number;
  #sequence = 0;
  #pairs = 0;
  #waitingOctets = 0;
  #dropped = 0;
  #fault: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Takes up what an earlier life left. Throws what the disk says. */
  constructor({ directory, maxOctets }: SpoolOptions) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#directory = directory;
    this.#maxOctets = maxOctets;
    const file = new CheckedFile(join(directory, "spool.json"), State);
    const before = file.read().value;
    const batches = leftIn(directory);
    const id = before?.id ?? randomBytes(8).toString("hex");
    // A state file that is lost must not let two lives share a number.
    this.#run = Math.max(before?.run ?? 0, batches.at(-1)?.run ?? 0) + 1;
    file.write({ id, run: this.#run });
    this.instance = instanceOf(id, this.#run);
    this.#batches = batches.map((batch) => ({ ...batch, instance: instanceOf(id, batch.run) }));
    this.#octets = batches.reduce((sum, { octets }) => sum + octets, 0);
    this.#previous = progressIn(directory).map(({ file, run, pairs }) => ({
      file,
      instance: instanceOf(id, run),
      pairs,
    }));
    this.#progress = openSync(join(directory, `progress-${pad(this.#run, 8)}`), "w", 0o600);
  }

  get figures(): SpoolFigures {
    return {
      batches: this.#batches.length,
      octets: this.#octets,
      dropped: this.#dropped,
      fault: this.#fault,
    };
  }

  /** Calls back when there is a batch more. */
  onBatch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The oldest. */
  first(): SpooledBatch | undefined {
    return this.#batches[0];
  }

  /** Undefined where it is gone or cannot be read. */
  async read(batch: SpooledBatch): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#fileOf(batch));
    } catch {
      return undefined;
    }
  }

  /** Pairs seen in this life, those in no batch yet included; survives the death of the process, not that of the machine. */
  seen(pairs: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(Math.max(pairs, this.#pairs)));
    writeSync(this.#progress, bytes, 0, 8, 0);
  }

  /** Resolves when the batch is on disk for good. Throws {@link SpoolError}: then its pairs are missed and counted. */
  async add({ segment, ...said }: SpoolItem): Promise<void> {
    const sequence = ++this.#sequence;
    const previous = this.#previous.slice(-MAX_PREVIOUS);
    const meta: DnsBatchMeta = {
      version: 1,
      ...said,
      pairsBefore: this.#pairs,
      ...(previous.length === 0
        ? {}
        : { previous: previous.map(({ instance, pairs }) => ({ instance, pairs })) }),
    };
    this.#pairs += said.pairs;
    this.seen(this.#pairs);
    const bytes = encodeDnsBatch(meta, segment);
    if (bytes.length > MAX_BATCH_OCTETS)
      throw this.#lost(
        "too-large",
        `a batch of ${bytes.length} octets; at most ${MAX_BATCH_OCTETS} are taken`,
      );
    if (this.#waitingOctets + bytes.length > MAX_WAITING_OCTETS)
      throw this.#lost("disk-slow", `${this.#waitingOctets} octets wait for the disk already`);
    this.#waitingOctets += bytes.length;
    const batch = { run: this.#run, instance: this.instance, sequence, octets: bytes.length };
    const written = this.#writing.then(() => this.#write(batch, bytes));
    this.#writing = written.catch(() => {});
    try {
      await written;
      this.#fault = undefined;
      this.#told(previous);
    } catch (cause) {
      throw this.#lost("disk", cause instanceof Error ? cause.message : String(cause), cause);
    } finally {
      this.#waitingOctets -= bytes.length;
    }
    for (const listener of this.#listeners) listener();
  }

  /** The controller has everything of an instance up to this batch. */
  async remove(instance: string, through: number): Promise<void> {
    const done = this.#batches.filter((one) => one.instance === instance && one.sequence <= through);
    await this.#discard(done);
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
    closeSync(this.#progress);
  }

  /** A batch on disk tells of these. */
  #told(previous: readonly { readonly file: string }[]): void {
    if (previous.length === 0) return;
    for (const { file } of this.#previous) unlinkSync(join(this.#directory, file));
    this.#previous = [];
  }

  #fileOf({ run, sequence }: SpooledBatch): string {
    return join(this.#directory, `${pad(run, 8)}-${pad(sequence, 12)}.batch`);
  }

  async #write(batch: SpooledBatch, bytes: Uint8Array): Promise<void> {
    const surplus: SpooledBatch[] = [];
    let octets = this.#octets + bytes.length;
    for (const one of this.#batches) {
      if (octets <= this.#maxOctets) break;
      surplus.push(one);
      octets -= one.octets;
    }
    await this.#discard(surplus);
    this.#dropped += surplus.length;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeSynced(this.#directory, this.#fileOf(batch), bytes);
    this.#batches = [...this.#batches, batch];
    this.#octets += batch.octets;
  }

  async #discard(batches: readonly SpooledBatch[]): Promise<void> {
    if (batches.length === 0) return;
    const gone = new Set(batches);
    this.#batches = this.#batches.filter((one) => !gone.has(one));
    this.#octets = this.#batches.reduce((sum, { octets }) => sum + octets, 0);
    for (const batch of batches) await unlink(this.#fileOf(batch)).catch(() => {});
  }

  #lost(code: SpoolError["code"], message: string, cause?: unknown): SpoolError {
    this.#dropped++;
    this.#fault = message;
    return new SpoolError(code, message, { cause });
  }
}

function instanceOf(id: string, run: number): string {
  return `${id}-${run}`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

/** Batches that an earlier life left, oldest first; what it had not finished is removed. */
function leftIn(directory: string): readonly Omit<SpooledBatch, "instance">[] {
  const batches: Omit<SpooledBatch, "instance">[] = [];
  for (const name of readdirSync(directory).sort()) {
    const [, run, sequence] = NAME.exec(name) ?? [];
    if (run !== undefined && sequence !== undefined) {
      const octets = statSync(join(directory, name)).size;
      batches.push({ run: Number(run), sequence: Number(sequence), octets });
    } else if (name.endsWith(".batch.new")) unlinkSync(join(directory, name));
  }
  return batches;
}

/** What earlier lives had seen at last, oldest first. */
function progressIn(directory: string): { file: string; run: number; pairs: number }[] {
  return readdirSync(directory)
    .sort()
    .flatMap((file) => {
      const run = Number(/^progress-([0-9]{8})$/.exec(file)?.[1] ?? Number.NaN);
      if (Number.isNaN(run)) return [];
      const bytes = readFileSync(join(directory, file));
      // Empty: nothing was seen. Safe numbers are all that was ever written.
      const pairs = bytes.length === 8 ? Number(bytes.readBigUInt64BE()) : 0;
      return [{ file, run, pairs: Number.isSafeInteger(pairs) ? pairs : 0 }];
    });
}

/** All of it or nothing, for good: new file, fsync, rename, fsync of the folder. */
async function writeSynced(directory: string, file: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, "w", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
  const folder = await open(directory, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
