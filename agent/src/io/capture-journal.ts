import { closeSync, openSync, writevSync } from "node:fs";
import {
  encodeJournalHead,
  type JournalHead,
  KIND,
  putRecordHead,
  RECORD_HEAD,
} from "../wire/capture/journal.ts";

export interface JournalOptions extends JournalHead {
  /** Of files' paths: a number and `.open` follow. On a memory file system. */
  readonly prefix: string;
  /** Octets of a file. */
  readonly maxOctets: number;
}

/** Sealed files that nobody has taken over yet, beside the one that is written. */
const MOST_SEALED = 2;

/**
 * The journal of a capture, one file a segment: written with write(2), so it outlives the process, and not the machine. It
 * may be off: where there is no room, and while those who take segments over are too slow.
 */
export class CaptureJournal {
  readonly #options: JournalOptions;
  readonly #head = new Uint8Array(RECORD_HEAD);
  readonly #eight = new Uint8Array(8);
  #number = 0;
  #file: { readonly fd: number; readonly path: string } | undefined;
  #octets = 0;
  #sealed = 0;
  /** Nothing more into this file: the last record may be cut short. */
  #off = true;
  /** What the system said when it was last refused. */
  fault: unknown;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** There is no file, though there may be one: too many were waiting when it was to begin. */
  get isDue(): boolean {
    return this.#file === undefined && this.#sealed <= MOST_SEALED;
  }

  /** Whether a file with so many more octets would be too large. */
  isFull(more: number): boolean {
    return !this.#off && this.#octets + more > this.#options.maxOctets;
  }

  /** Begins the next file with the queries that wait. */
  begin(waiting: Uint8Array): void {
    this.#octets = 0;
    if (this.#sealed > MOST_SEALED) return;
    const path = `${this.#options.prefix}-${String(++this.#number).padStart(12, "0")}.open`;
    try {
      this.#file = { fd: openSync(path, "wx", 0o600), path };
      this.#off = false;
      this.#put([encodeJournalHead(this.#options)]);
      if (waiting.length > 0) this.#record(KIND.waiting, 0, 0, waiting);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Frames of a point. False where they are not in the journal. */
  frames(point: number, bytes: Uint8Array, at: number, octets: number, packets: number): boolean {
    this.#record(KIND.frames, point, packets, bytes.subarray(at, at + octets));
    return !this.#off;
  }

  /** Everything that came before was read. */
  time(second: number, nanosecond: number): void {
    this.#numbers(KIND.time, second, nanosecond);
  }

  drops(packets: number, freezes: number): void {
    this.#numbers(KIND.drops, packets, freezes);
  }

  /** The last packets of a point's frames are for the next file. */
  cut(point: number, packets: number): void {
    this.#record(KIND.cut, point, packets, new Uint8Array());
  }

  /** Ends the file; its path, if there is one. It counts as sealed until {@link taken}. */
  seal(): string | undefined {
    const file = this.#file;
    this.#file = undefined;
    this.#off = true;
    if (file === undefined) return undefined;
    closeSync(file.fd);
    this.#sealed++;
    return file.path;
  }

  /** Somebody has taken over what a sealed file has. */
  taken(): void {
    this.#sealed = Math.max(0, this.#sealed - 1);
  }

  #numbers(kind: number, one: number, other: number): void {
    const view = new DataView(this.#eight.buffer);
    view.setUint32(0, one, true);
    view.setUint32(4, other, true);
    this.#record(kind, 0, 0, this.#eight);
  }

  #record(kind: number, point: number, packets: number, body: Uint8Array): void {
    if (this.#off) return;
    putRecordHead(this.#head, kind, point, packets, body.length);
    try {
      this.#put(body.length === 0 ? [this.#head] : [this.#head, body]);
    } catch (error) {
      this.#fail(error);
    }
  }

  #put(parts: Uint8Array[]): void {
    if (this.#file === undefined) return;
    const octets = parts.reduce((sum, { length }) => sum + length, 0);
    const written = writevSync(this.#file.fd, parts);
    this.#octets += written;
    if (written !== octets) throw new Error(`${written} of ${octets} octets were written: no room`);
  }

  #fail(error: unknown): void {
    this.#off = true;
    this.fault = error;
  }
}
