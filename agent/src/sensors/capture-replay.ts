import { readFileSync, renameSync, unlinkSync } from "node:fs";
import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import { replayJournal } from "../core/capture/journal-replay.ts";
import type { PacketCapture } from "../core/capture/packet-capture.ts";
import type { JournalHead } from "../wire/capture/journal.ts";

/** What earlier captures left. */
export interface LeftJournals {
  /** Paths, the oldest first. */
  readonly files: readonly string[];
  readonly head: JournalHead;
  /** Time up to which they had read everything, as the spool knows it, µs; the journals may know better. */
  readonly untilUs: number | undefined;
  /** A file cannot be taken up: what it had is lost, and counted by the spool. */
  readonly discarded: (file: string, reason: string) => void;
}

/** Ends the name of a file once for each time that somebody began to read it. */
const BEGUN = "~";

/**
 * Reads journals, each into a segment: `done` is called after each, at the last with the time up to which they had everything, seconds, UTC;
 * 0 where none is known. A journal at which two captures ended is not read a third time.
 */
export function replayLeft(
  { files, head, untilUs, discarded }: LeftJournals,
  points: number,
  capture: PacketCapture,
  counters: CaptureCounters,
  nowS: number,
  done: (journal: string | undefined, untilS: number | undefined) => void,
): void {
  let until = (untilUs ?? 0) / 1e6;
  let told = false;
  for (const [i, file] of files.entries()) {
    let path = file;
    try {
      if (file.endsWith(BEGUN + BEGUN)) throw new Error("two captures ended while they read it");
      path = `${file}${BEGUN}`;
      renameSync(file, path);
      const bytes = readFileSync(path);
      until = Math.max(until, replayJournal(bytes, head, points, capture, counters, nowS));
      told = i === files.length - 1;
      done(path, told ? until : undefined);
    } catch (error) {
      discarded(file, error instanceof Error ? error.message : String(error));
      unlinkIfThere(path);
    }
  }
  if (!told) done(undefined, until);
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It could not be renamed either: whoever removed it was here.
  }
}
