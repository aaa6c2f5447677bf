import { renameSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * RUN-THREAD-NUMBER.open or .segment (io/capture-journal.ts), and RUN-SEQUENCE-PAIRS.sealed once it has a batch; `~` for each attempt
 * to read it again.
 */
const OPEN = /^([0-9]{8})-([0-9]{6})-([0-9]{12})\.(?:open|segment)~{0,2}$/;
const SEALED = /^([0-9]{8})-([0-9]{12})-([0-9]{15})\.sealed~{0,2}$/;

/** Which batch a journal becomes: nothing but its first becoming one decides that, so that it is the same batch each time. */
export interface BatchPlace {
  readonly run: number;
  readonly sequence: number;
  readonly pairsBefore: number;
}

export function batchName({ run, sequence }: Pick<BatchPlace, "run" | "sequence">): string {
  return `${pad(run, 8)}-${pad(sequence, 12)}.batch`;
}

/** Of which life a journal is, and which batch it is where that is decided. */
export interface JournalName {
  readonly run: number;
  readonly place: BatchPlace | undefined;
}

/** Undefined where it is no journal's name. */
export function journalName(name: string): JournalName | undefined {
  const [, run, sequence, pairs] = SEALED.exec(name) ?? [];
  if (run !== undefined) {
    const place = { run: Number(run), sequence: Number(sequence), pairsBefore: Number(pairs) };
    return { run: place.run, place };
  }
  const open = OPEN.exec(name)?.[1];
  return open === undefined ? undefined : { run: Number(open), place: undefined };
}

/** From here on the journal is that of this batch. Returns its new path. */
export function sealJournal(path: string, { run, sequence, pairsBefore }: BatchPlace): string {
  const name = `${pad(run, 8)}-${pad(sequence, 12)}-${pad(pairsBefore, 15)}.sealed`;
  const sealed = join(dirname(path), name);
  renameSync(path, sealed);
  return sealed;
}

export function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
