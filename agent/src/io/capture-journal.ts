import { closeSync, openSync, renameSync, unlinkSync, writeSync, writevSync } from "node:fs";
import { basename } from "node:path";
import {
  encodeJournalHead,
  type JournalHead,
  KIND,
  putRecordHead,
  RECORD_HEAD,
} from "../wire/capture/journal.ts";

export interface JournalOptions extends JournalHead {
  /** Of files' paths: a number and what it is follow. On a memory file system. */
  readonly prefix: string;
  /** Octets of a file. */
  readonly maxOctets: number;
}

/** A file that is written over again and again: its memory is there already. */
interface Reused {
  readonly fd: number;
  path: string;
  number: number;
}

const NOTHING = new Uint8Array();

/**
 * The journal of a capture: what is in no segment yet, in a file written with write(2), so it outlives the process, and not the
 * machine; and beside it segments that the spool does not have yet. Two files take turns. The next one is written aside,
 * and there at once with all it begins with (`.open`, rename(2)); the one before stays until its segment is a file itself
 * (`.segment`). So at any moment everything is in one of them, and what is in two is told by their numbers (spool/journal-files.ts).
 * It is off where there is no room.
 */
export class CaptureJournal {
  readonly #options: JournalOptions;
  readonly #head = new Uint8Array(RECORD_HEAD);
  readonly #eight = new Uint8Array(8);
  #number = 0;
  /** Of the segment that is to be kept. */
  #keeping = 0;
  /** The one that is written. */
  #file: Reused | undefined;
  /** Its segment is not kept yet. */
  #before: Reused | undefined;
  /** Written over next. */
  #spare: Reused | undefined;
  #octets = 0;
  /** Nothing more into this file. */
  #off = true;
  /** What the system said when it was last refused. */
  fault: unknown;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Whether a file with so many more octets would be too large. */
  isFull(more: number): boolean {
    return !this.#off && this.#octets + more > this.#options.maxOctets;
  }

  /**
   * Begins the next file, which is there with {@link begun}.
   * @param cuts by point, last packets of the file before, which are for this one
   * @param waiting the queries that wait
   */
  begin(cuts: readonly number[], waiting: Uint8Array): void {
    this.#free(this.#before);
    this.#before = this.#file;
    this.#file = undefined;
    this.#octets = 0;
    this.#off = false;
    this.#keeping = this.#number;
    const number = ++this.#number;
    try {
      const file = this.#spare ?? this.#fresh();
      this.#spare = undefined;
      file.number = number;
      this.#file = file;
      const { boot, part, prefix } = this.#options;
      this.#write(encodeJournalHead({ boot, part, thread: basename(prefix), number }));
      for (const [point, packets] of cuts.entries())
        if (packets > 0) this.#record(KIND.cut, point, packets, NOTHING, 0, 0);
      if (waiting.length > 0) this.#record(KIND.waiting, 0, 0, waiting, 0, waiting.length);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The file has all that it is to begin with. */
  begun(): void {
    if (this.#file === undefined || this.#off) return;
    try {
      this.#move(this.#file, "open");
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Frames of a point. False where they are not in the journal. */
  frames(point: number, bytes: Uint8Array, at: number, octets: number, packets: number): boolean {
    this.#record(KIND.frames, point, packets, bytes, at, octets);
    return !this.#off;
  }

  /** Everything that came before was read. */
  time(second: number, nanosecond: number): void {
    this.#numbers(KIND.time, second, nanosecond);
  }

  drops(packets: number, freezes: number): void {
    this.#numbers(KIND.drops, packets, freezes);
  }

  /**
   * What is in the file before is a segment now: from here on this is kept, until the spool has it, and the file is free. Its path; undefined
   * where there was no room.
   */
  keep(parts: readonly Uint8Array[]): string | undefined {
    const before = this.#before;
    this.#before = undefined;
    try {
      return this.#keep(this.#keeping, parts);
    } catch (error) {
      this.fault = error;
      return undefined;
    } finally {
      this.#free(before);
    }
  }

  /** Nothing more comes: what was written last is to be kept with {@link keep}. */
  end(): void {
    this.#free(this.#before);
    this.#keeping = this.#number;
    this.#before = this.#file;
    this.#file = undefined;
    this.#off = true;
  }

  /** Everything is kept. Files that were written over go. */
  close(): void {
    this.end();
    this.#free(this.#before);
    this.#before = undefined;
    if (this.#spare !== undefined) this.#drop(this.#spare);
    this.#spare = undefined;
  }

  #keep(number: number, parts: readonly Uint8Array[]): string {
    return writeAtOnce(this.#options.prefix, number, "segment", parts);
  }

  #fresh(): Reused {
    const path = this.#path(this.#number, "spare");
    return { fd: openSync(path, "wx", 0o600), path, number: this.#number };
  }

  #path(number: number, what: string): string {
    return journalPath(this.#options.prefix, number, what);
  }

  #move(file: Reused, what: string): void {
    const path = this.#path(file.number, what);
    renameSync(file.path, path);
    file.path = path;
  }

  /** A file has nothing that is not elsewhere. */
  #free(file: Reused | undefined): void {
    if (file === undefined) return;
    try {
      this.#move(file, "spare");
      if (this.#spare === undefined) this.#spare = file;
      else this.#drop(file);
    } catch (error) {
      this.fault = error;
      this.#drop(file);
    }
  }

  #drop({ fd, path }: Reused): void {
    closeSync(fd);
    try {
      unlinkSync(path);
    } catch (error) {
      this.fault = error;
    }
  }

  #numbers(kind: number, one: number, other: number): void {
    const view = new DataView(this.#eight.buffer);
    view.setUint32(0, one, true);
    view.setUint32(4, other, true);
    this.#record(kind, 0, 0, this.#eight, 0, 8);
  }

  /** The head after the rest: what is read again is whole. */
  #record(kind: number, point: number, packets: number, bytes: Uint8Array, at: number, octets: number): void {
    if (this.#off || this.#file === undefined) return;
    const { fd, number } = this.#file;
    putRecordHead(this.#head, kind, point, packets, octets, number);
    try {
      if (octets > 0) whole(writeSync(fd, bytes, at, octets, this.#octets + RECORD_HEAD), octets);
      whole(writeSync(fd, this.#head, 0, RECORD_HEAD, this.#octets), RECORD_HEAD);
      this.#octets += RECORD_HEAD + octets;
    } catch (error) {
      this.#fail(error);
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#file === undefined) return;
    whole(writeSync(this.#file.fd, bytes, 0, bytes.length, this.#octets), bytes.length);
    this.#octets += bytes.length;
  }

  #fail(error: unknown): void {
    this.#off = true;
    this.fault = error;
  }
}

function journalPath(prefix: string, number: number, what: string): string {
  return `${prefix}-${String(number).padStart(12, "0")}.${what}`;
}

/** A file that is there with all that it has. Returns its path. Throws what the system says. */
export function writeAtOnce(
  prefix: string,
  number: number,
  what: "segment" | "open",
  parts: readonly Uint8Array[],
): string {
  const [aside, path] = [journalPath(prefix, number, "new"), journalPath(prefix, number, what)];
  const fd = openSync(aside, "w", 0o600);
  try {
    whole(writevSync(fd, [...parts]), sum(parts));
  } finally {
    closeSync(fd);
  }
  renameSync(aside, path);
  return path;
}

function whole(written: number, octets: number): void {
  if (written !== octets) throw new Error(`${written} of ${octets} octets were written: no room`);
}

function sum(parts: readonly Uint8Array[]): number {
  return parts.reduce((octets, { length }) => octets + length, 0);
}
