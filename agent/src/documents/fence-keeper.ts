import { createHash } from "node:crypto";
import { contentText, type Manifest } from "@vsix/shared/contract/manifest.ts";
import type { Logger } from "pino";
import { Fence, fenceAtStart, fenceTaken, fenceTakenBack, fenceTrial, type Mark } from "../core/fence.ts";
import { CheckedFile } from "../io/checked-file.ts";

/** The mark of a manifest: its generation and the SHA-256 of what it says. */
export function markOf({ epoch, generation, parts }: Pick<Manifest, "epoch" | "generation" | "parts">): Mark {
  return { epoch, generation, content: createHash("sha256").update(contentText(parts)).digest("hex") };
}

/** A fence that the disk did not take is offered again this often. */
const SAVE_AGAIN_MS = 10_000;

/** Owner of the fence: in memory what holds, on disk as soon as the disk takes it. */
export class FenceKeeper implements Disposable {
  readonly #file: CheckedFile<typeof Fence>;
  readonly #log: Logger;
  /** Wall clock, milliseconds; for what people read. */
  readonly #now: () => number;
  #fence: Fence = {};
  #damage: string | undefined;
  #goneBack: string | undefined;
  #unsaved: string | undefined;
  #saveAgain: NodeJS.Timeout | undefined;

  constructor(file: string, log: Logger, now: () => number) {
    this.#file = new CheckedFile(file, Fence);
    this.#log = log;
    this.#now = now;
    const { value, fault } = this.#file.read();
    this.#fence = value ?? {};
    if (fault === undefined) return;
    this.#damage = `${fault}; ${value === undefined ? "what is held tells the generation" : "the one before is used"}`;
    log.error({ reason: this.#damage }, "the record of generations is damaged");
  }

  get value(): Fence {
    return this.#fence;
  }

  /** What is wrong with what the disk told at the start, or undefined. */
  get fault(): string | undefined {
    return this.#goneBack ?? this.#damage ?? this.#unsaved;
  }

  /** To be called once, when it is known what the disk holds. */
  start(held: Mark | undefined): void {
    const { fence, fault } = fenceAtStart(this.#fence, held, this.#at());
    this.#goneBack = fault;
    if (fault !== undefined) this.#log.error({ reason: fault }, "the state on disk has gone back");
    if (fence.refused !== undefined && fence.refused !== this.#fence.refused)
      this.#log.warn({ ...fence.refused }, "a trial was not confirmed; back to what was held before");
    if (JSON.stringify(fence) !== JSON.stringify(this.#fence) || this.#damage !== undefined) this.#set(fence);
  }

  /** Taken for good; the document is on disk by now, or will be. */
  taken(mark: Mark): void {
    this.#goneBack = undefined;
    this.#damage = undefined;
    this.#set(fenceTaken(this.#fence, mark));
  }

  /** Throws what the disk says: a trial that a restart would not know of must not begin. */
  tried(mark: Mark, withinMs: number): void {
    const fence = fenceTrial(this.#fence, mark, new Date(this.#now() + withinMs).toISOString());
    this.#file.write(fence);
    clearTimeout(this.#saveAgain);
    this.#unsaved = undefined;
    this.#fence = fence;
  }

  takenBack(reason: string): void {
    this.#set(fenceTakenBack(this.#fence, this.#at(), reason));
  }

  #at(): string {
    return new Date(this.#now()).toISOString();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#saveAgain);
  }

  #set(fence: Fence): void {
    this.#fence = fence;
    clearTimeout(this.#saveAgain);
    try {
      this.#file.write(fence);
      this.#unsaved = undefined;
    } catch (error) {
      // The document itself tells its generation; only a disk that goes back would not be noticed.
      this.#unsaved = error instanceof Error ? error.message : String(error);
      this.#saveAgain = setTimeout(() => this.#set(this.#fence), SAVE_AGAIN_MS);
    }
  }
}
