import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** How far a life of the agent has come with its spool. */
export interface Progress {
  /** Rows seen, those in no batch yet included. */
  readonly seen: number;
  /** Of the newest batch, and rows in it and in those before it. */
  readonly sequence: number;
  readonly pairs: number;
  /** Everything up to here was read, µs, UTC; 0: nothing was to be captured. */
  readonly untilUs: number;
}

/** Of a file of `progress-RUN`: the four numbers, big-endian. Earlier versions wrote the first alone. */
const OCTETS = 32;

/** One life's progress, written over in place and without fsync: it survives the death of the process, not that of the machine. */
export class ProgressFile {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(OCTETS);

  constructor(directory: string, run: number) {
    this.#fd = openSync(join(directory, `progress-${String(run).padStart(8, "0")}`), "w", 0o600);
  }

  write({ seen, sequence, pairs, untilUs }: Progress): void {
    for (const [i, number] of [seen, sequence, pairs, untilUs].entries())
      this.#bytes.writeBigUInt64BE(BigInt(number), i * 8);
    writeSync(this.#fd, this.#bytes, 0, OCTETS, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** What earlier lives had seen at last, oldest first. */
export function progressIn(
  directory: string,
): readonly ({ readonly file: string; readonly run: number } & Progress)[] {
  return readdirSync(directory)
    .sort()
    .flatMap((file) => {
      const run = Number(/^progress-([0-9]{8})$/.exec(file)?.[1] ?? Number.NaN);
      if (Number.isNaN(run)) return [];
      const bytes = readFileSync(join(directory, file));
      // Empty: nothing was seen. Safe numbers are all that was ever written.
      const number = (i: number): number => {
        const value = bytes.length >= (i + 1) * 8 ? Number(bytes.readBigUInt64BE(i * 8)) : 0;
        return Number.isSafeInteger(value) ? value : 0;
      };
      return [{ file, run, seen: number(0), sequence: number(1), pairs: number(2), untilUs: number(3) }];
    });
}
