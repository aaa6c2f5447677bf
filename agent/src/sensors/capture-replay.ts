import { closeSync, openSync, readFileSync, readSync, renameSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import { type JournalRest, replayJournal } from "../core/capture/journal-replay.ts";
import { isKeptSegment, readKeptSegment } from "../core/capture/kept-segment.ts";
import type { PacketCapture } from "../core/capture/packet-capture.ts";
import type { SegmentMeta } from "../core/capture/spool-port.ts";
import { writeAtOnce } from "../io/capture-journal.ts";
import {
  CUTS_ROOM,
  type Cuts,
  cutsOf,
  type JournalHead,
  journalParts,
  KIND,
  readJournalHead,
} from "../wire/capture/journal.ts";

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

/** Who gets what the files have. */
export interface LeftSinks {
  /** A segment that was whole. */
  readonly kept: (octets: Uint8Array<ArrayBuffer>, meta: SegmentMeta, file: string) => void;
  /**
   * The capture has what was in a file: none where there was none at the end. With the last file, and then only, the time up to
   * which all of them had everything, seconds, UTC; 0 where none is known.
   */
  readonly replayed: (file: string | undefined, untilS: number | undefined) => void;
}

/** Ends the name of a file once for each time that somebody began to read it. */
const BEGUN = "~";

/** Reads journals, each into a segment, and segments. A file at which two captures ended is not read a third time. */
export function replayLeft(
  { files, head, untilUs, discarded }: LeftJournals,
  points: number,
  capture: PacketCapture,
  counters: CaptureCounters,
  nowS: number,
  { kept, replayed }: LeftSinks,
): void {
  let until = (untilUs ?? 0) / 1e6;
  let told = false;
  const cuts = cutsBetween(files);
  const queue = [...files];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    let path = file;
    try {
      if (file.endsWith(BEGUN + BEGUN)) throw new Error("two captures ended while they read it");
      path = `${file}${BEGUN}`;
      renameSync(file, path);
      const bytes = readFileSync(path);
      if (isKeptSegment(bytes)) {
        const { octets, meta } = readKeptSegment(bytes);
        kept(octets, meta, path);
        continue;
      }
      const cut = cuts.get(placeIn(bytes));
      const { untilS, rest } = replayJournal(bytes, head, points, capture, counters, nowS, cut);
      if (rest !== undefined) queue.unshift(writeRest(path, bytes, rest, capture.save()));
      until = Math.max(until, untilS);
      told = queue.length === 0;
      replayed(path, told ? until : undefined);
    } catch (error) {
      discarded(file, error instanceof Error ? error.message : String(error));
      unlinkIfThere(path);
    }
  }
  if (!told) replayed(undefined, until);
}

/** By the journal from which they are cut off: a thread that was killed between two of its files has left both. */
function cutsBetween(files: readonly string[]): ReadonlyMap<string, Cuts> {
  const all = new Map<string, Cuts>();
  const bytes = new Uint8Array(CUTS_ROOM);
  for (const file of files) {
    try {
      const fd = openSync(file, "r");
      try {
        const { of, cuts } = cutsOf(bytes.subarray(0, readSync(fd, bytes)));
        all.set(`${of.thread} ${of.number}`, cuts);
      } finally {
        closeSync(fd);
      }
    } catch {
      // Why it cannot be read is told when it is its turn; a segment has no cuts.
    }
  }
  return all;
}

/** The journal goes on in a next one, as it would have if nobody had been killed. Returns that one's path. */
function writeRest(
  file: string,
  bytes: Uint8Array,
  { cuts, records }: JournalRest,
  waiting: Uint8Array,
): string {
  const head = readJournalHead(bytes);
  const number = head.number + 1;
  const next = { ...head, number };
  const before = cuts.flatMap((packets, point) =>
    packets === 0 ? [] : [{ kind: KIND.cut, point, packets, at: 0, end: 0 }],
  );
  const wait = { kind: KIND.waiting, point: 0, packets: 0, at: 0, end: waiting.length };
  const parts = [
    ...journalParts(next, [...before, wait], waiting),
    ...journalParts(next, records, bytes).slice(1),
  ];
  return writeAtOnce(join(dirname(file), head.thread), number, "open", parts);
}

function placeIn(bytes: Uint8Array): string {
  const { thread, number } = readJournalHead(bytes);
  return `${thread} ${number}`;
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It could not be renamed either: whoever removed it was here.
  }
}
