import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { Type } from "@sinclair/typebox";
import {
  type DnsBatchMeta,
  encodeDnsBatch,
  MAX_BATCH_OCTETS,
  MAX_PREVIOUS,
} from "@vsix/shared/contract/up-dns.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { CheckedFile } from "../io/checked-file.ts";
import { type BatchPlace, batchName, journalName, sealJournal } from "./batch-place.ts";
import { ProgressFile, progressIn } from "./progress.ts";

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
  extends Pick<DnsBatchMeta, "points" | "firstUs" | "lastUs" | "pairs" | "counters" | "gap"> {
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
/** The time alone is told so seldom. */
const IDLE_US = 60_000_000;
/** Octets that wait for the disk at once. */
const MAX_WAITING_OCTETS = 32 * 1024 * 1024;

/** How far a life came: its newest batch, and pairs in it and in those before. */
interface Life {
  sequence: number;
  pairs: number;
}

/**
 * Batches on disk until the controller has them. Each is written whole, with fsync, before it counts; the order is that of
 * writing, over any number of restarts. An instance is one life of the agent: within it batches are numbered from 1, and
 * each says how many pairs came before it, so whatever goes missing is counted by whoever reads them.
 */
export class DnsSpool {
  /** Random, once for the directory. */
  readonly id: string;
  readonly instance: string;
  readonly directory: string;
  /** The number of this life. */
  readonly run: number;
  readonly #maxOctets: number;
  /** Earlier lives that nobody has been told of. */
  #previous: readonly { readonly file: string; readonly instance: string; readonly pairs: number }[];
  readonly #progress: ProgressFile;
  /** How far earlier lives came: what their journals have goes on from there. */
  readonly #lives = new Map<number, Life>();
  readonly #listeners = new Set<() => void>();
  #batches: SpooledBatch[];
  #octets: number;
  readonly #own: Life = { sequence: 0, pairs: 0 };
  #seen = 0;
  #untilUs = 0;
  #waitingOctets = 0;
  #dropped = 0;
  #fault: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Takes up what an earlier life left. Throws what the disk says. */
  constructor({ directory, maxOctets }: SpoolOptions) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.directory = directory;
    this.#maxOctets = maxOctets;
    const file = new CheckedFile(join(directory, "spool.json"), State);
    const before = file.read().value;
    const batches = leftIn(directory);
    const id = before?.id ?? randomBytes(8).toString("hex");
    this.id = id;
    // A state file that is lost must not let two lives share a number.
    this.run = Math.max(before?.run ?? 0, batches.at(-1)?.run ?? 0) + 1;
    file.write({ id, run: this.run });
    this.instance = instanceOf(id, this.run);
    this.#batches = batches.map((batch) => ({ ...batch, instance: instanceOf(id, batch.run) }));
    this.#octets = batches.reduce((sum, { octets }) => sum + octets, 0);
    const lives = progressIn(directory);
    this.#previous = lives.map(({ file, run, seen }) => ({
      file,
      instance: instanceOf(id, run),
      pairs: seen,
    }));
    for (const { run, sequence, pairs } of lives) this.#lives.set(run, { sequence, pairs });
    for (const { run, sequence } of batches) {
      const life = this.#lives.get(run) ?? { sequence: 0, pairs: 0 };
      this.#lives.set(run, { ...life, sequence: Math.max(life.sequence, sequence) });
    }
    this.#untilUs = lives.at(-1)?.untilUs ?? 0;
    this.#progress = new ProgressFile(directory, this.run);
    this.#tell();
  }

  /** Time up to which everything was read, µs, UTC, by this life or by the one before it; 0 where nothing was to be captured. */
  get untilUs(): number {
    return this.#untilUs;
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

  /**
   * Pairs seen in this life, those in no batch yet included, and the time up to which everything was read, µs; survives the death of
   * the process, not that of the machine.
   */
  seen(pairs: number, untilUs = this.#untilUs): void {
    // A disk is not to be woken each second for the time alone.
    const most = Math.max(pairs, this.#own.pairs);
    if (most <= this.#seen && untilUs > this.#untilUs && untilUs < this.#untilUs + IDLE_US) return;
    this.#seen = most;
    this.#untilUs = untilUs;
    this.#tell();
  }

  #tell(): void {
    this.#progress.write({ ...this.#own, seen: this.#seen, untilUs: this.#untilUs });
  }

  /**
   * Resolves when the batch is on disk for good. Throws {@link SpoolError}: then its pairs are missed and counted.
   * @param journal path of the file that has the same: it is gone then. One of an earlier life becomes a batch of that life,
   *   and always the same one, so that it counts once
   */
  async add(item: SpoolItem, journal?: string): Promise<void> {
    const place = this.#placeFor(journal);
    const sealed = journal === undefined ? undefined : sealJournal(journal, place);
    const life = this.#lifeOf(place.run);
    if (life !== undefined) {
      life.sequence = Math.max(life.sequence, place.sequence);
      life.pairs = Math.max(life.pairs, place.pairsBefore + item.pairs);
    }
    if (place.run === this.run) this.seen(this.#own.pairs);
    try {
      await this.#add(item, place);
    } finally {
      if (sealed !== undefined) await unlink(sealed).catch(() => {});
    }
    for (const listener of this.#listeners) listener();
  }

  #lifeOf(run: number): Life | undefined {
    return run === this.run ? this.#own : this.#lives.get(run);
  }

  /** What a journal becomes; where nobody knows how far its life came, and without one: the next batch of this life. */
  #placeFor(journal: string | undefined): BatchPlace {
    const named = journal === undefined ? undefined : journalName(basename(journal));
    if (named?.place !== undefined) return named.place;
    const run = named === undefined || this.#lifeOf(named.run) === undefined ? this.run : named.run;
    const { sequence, pairs } = this.#lifeOf(run) ?? this.#own;
    return { run, sequence: sequence + 1, pairsBefore: pairs };
  }

  async #add({ segment, ...said }: SpoolItem, place: BatchPlace): Promise<void> {
    const { run, sequence, pairsBefore } = place;
    const previous = run === this.run ? this.#previous.slice(-MAX_PREVIOUS) : [];
    const meta: DnsBatchMeta = {
      version: 1,
      ...said,
      pairsBefore,
      ...(previous.length === 0
        ? {}
        : { previous: previous.map(({ instance, pairs }) => ({ instance, pairs })) }),
    };
    const bytes = encodeDnsBatch(meta, segment);
    if (bytes.length > MAX_BATCH_OCTETS)
      throw this.#lost(
        "too-large",
        `a batch of ${bytes.length} octets; at most ${MAX_BATCH_OCTETS} are taken`,
      );
    if (this.#waitingOctets + bytes.length > MAX_WAITING_OCTETS)
      throw this.#lost("disk-slow", `${this.#waitingOctets} octets wait for the disk already`);
    this.#waitingOctets += bytes.length;
    const batch = { run, instance: instanceOf(this.id, run), sequence, octets: bytes.length };
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
  }

  /** The controller has everything of an instance up to this batch. */
  async remove(instance: string, through: number): Promise<void> {
    const done = this.#batches.filter((one) => one.instance === instance && one.sequence <= through);
    await this.#discard(done);
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
    this.#progress.close();
  }

  /** A batch on disk tells of these. */
  #told(previous: readonly { readonly file: string }[]): void {
    if (previous.length === 0) return;
    for (const { file } of this.#previous) unlinkSync(join(this.directory, file));
    this.#previous = [];
  }

  #fileOf({ run, sequence }: Pick<SpooledBatch, "run" | "sequence">): string {
    return join(this.directory, batchName({ run, sequence }));
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
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeSynced(this.directory, this.#fileOf(batch), bytes);
    // That of an earlier life comes before those of this one, and one that was there already takes its own place.
    const others = this.#batches.filter((one) => one.run !== batch.run || one.sequence !== batch.sequence);
    const after = others.findIndex((one) => one.run > batch.run);
    this.#batches = others.toSpliced(after < 0 ? others.length : after, 0, batch);
    this.#octets = this.#batches.reduce((sum, { octets }) => sum + octets, 0);
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
