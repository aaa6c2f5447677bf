import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import {
  type Cuts,
  checkJournalHead,
  type JournalHead,
  type JournalRecord,
  journalRecords,
  KIND,
} from "../../wire/capture/journal.ts";
import { FRAME, handFrame, isWhole, type PacketSink } from "../../wire/capture/ring-frames.ts";
import type { PacketCapture } from "./packet-capture.ts";
import { MOST_APART_S } from "./pending-saved.ts";

/** Packets of several points after which time is told to pass: as many as a block has. */
const PACKETS_A_BLOCK = 1024;
/** Octets of a frame at least: its headers. */
const LEAST_FRAME = 68;
/** No machine of ours drops more in a second. */
const MAX_PACKETS = 1 << 24;

/** Thrown where a segment is full while a journal is read: what follows is for the next one. */
export class SegmentIsFull extends Error {}

/** What of a journal is for the next segment. */
export interface JournalRest {
  /** By point, packets: the last of its frames. */
  readonly cuts: readonly number[];
  readonly records: readonly JournalRecord[];
}

export interface Replayed {
  /** Time up to which everything was read, seconds, UTC, with a fraction; 0 where none is known. */
  readonly untilS: number;
  /** The segment is full before the journal ends. */
  readonly rest: JournalRest | undefined;
}

/** Frames of one point that are yet to be read. */
interface Stretch {
  readonly point: number;
  at: number;
  readonly end: number;
  packets: number;
}

/**
 * Reads a journal again: the capture has then what it had when the journal ended, or as much of it as makes a segment. What cannot be
 * read is counted (`journalTorn`), and so is what is of another time than `nowS` (seconds, UTC).
 * @param cuts of the file after it, if there is one: it has those packets, and what is left where the segment is full
 * @throws JournalError where it is no journal of this boot and part
 */
export function replayJournal(
  bytes: Uint8Array,
  wanted: JournalHead,
  points: number,
  capture: PacketCapture,
  counters: CaptureCounters,
  nowS: number,
  cuts?: Cuts,
): Replayed {
  checkJournalHead(bytes, wanted);
  const records = journalRecords(bytes);
  const waiting = records.find(({ kind }) => kind === KIND.waiting);
  capture.restore(
    waiting === undefined ? new Uint8Array() : bytes.subarray(waiting.at, waiting.end),
    points,
    nowS,
  );
  const replay = new Replay(bytes, points, capture, counters, nowS);
  const steps = withoutCut(records, cuts ?? new Map());
  const rest = points === 1 ? replay.inTurn(steps) : replay.merged(steps);
  return { untilS: replay.until, rest: cuts === undefined ? rest : undefined };
}

/** Frames that the next file has are taken off the last ones of their point. */
function withoutCut(records: readonly JournalRecord[], cuts: Cuts): readonly JournalRecord[] {
  const left = new Map(cuts);
  return records
    .toReversed()
    .map((record) => {
      const cut = record.kind === KIND.frames ? Math.min(left.get(record.point) ?? 0, record.packets) : 0;
      if (cut === 0) return record;
      left.set(record.point, (left.get(record.point) ?? 0) - cut);
      return { ...record, packets: record.packets - cut };
    })
    .toReversed();
}

class Replay {
  until = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #points: number;
  readonly #capture: PacketCapture;
  readonly #counters: CaptureCounters;
  #second = 0;
  #nanosecond = 0;
  #point = 0;

  readonly #nowS: number;

  constructor(
    bytes: Uint8Array,
    points: number,
    capture: PacketCapture,
    counters: CaptureCounters,
    nowS: number,
  ) {
    this.#nowS = nowS;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#points = points;
    this.#capture = capture;
    this.#counters = counters;
  }

  /** One point: exactly as it was, so that the same rows come. Returns what is left where the segment is full. */
  inTurn(records: readonly JournalRecord[]): JournalRest | undefined {
    let at = 0;
    let stretch: Stretch | undefined;
    const full = untilFull(() => {
      for (; at < records.length; at++) {
        const record = records[at];
        if (record === undefined) continue;
        if (record.kind !== KIND.frames) {
          this.#pass(record);
          continue;
        }
        stretch ??= this.#stretchOf(record);
        while (stretch !== undefined && this.#take(stretch));
        this.#expire();
        stretch = undefined;
      }
    });
    this.#drops(records);
    if (!full) return undefined;
    if (stretch === undefined) return this.#restOf(records.slice(at));
    return this.#restOf([{ kind: KIND.frames, ...stretch }, ...records.slice(at + 1)]);
  }

  /** Several points: in the order of time. */
  merged(records: readonly JournalRecord[]): JournalRest | undefined {
    const queues = Array.from({ length: this.#points }, (): Stretch[] => []);
    for (const record of records) {
      const stretch = record.kind === KIND.frames ? this.#stretchOf(record) : undefined;
      if (stretch !== undefined) queues[stretch.point]?.push(stretch);
    }
    const full = untilFull(() => {
      for (let taken = 1; ; taken++) {
        const first = this.#oldest(queues);
        if (first === undefined) break;
        if (!this.#take(first)) queues[first.point]?.shift();
        if (taken % PACKETS_A_BLOCK === 0) this.#expire();
      }
      this.#expire();
      for (const record of records) this.#pass(record);
    });
    this.#drops(records);
    if (!full) return undefined;
    const frames = queues.flat().map((stretch) => ({ kind: KIND.frames, ...stretch }));
    return this.#restOf([...frames, ...records.filter(({ kind }) => kind !== KIND.frames)]);
  }

  #restOf(records: readonly JournalRecord[]): JournalRest {
    const rest = records.filter(
      ({ kind, packets }) => kind === KIND.time || (kind === KIND.frames && packets > 0),
    );
    const cuts = Array.from({ length: this.#points }, (_, point) =>
      rest.reduce((sum, one) => sum + (one.kind === KIND.frames && one.point === point ? one.packets : 0), 0),
    );
    return { cuts, records: rest };
  }

  #oldest(queues: readonly Stretch[][]): Stretch | undefined {
    let oldest: Stretch | undefined;
    let oldestAt = Number.POSITIVE_INFINITY;
    for (const [first] of queues) {
      if (first === undefined) continue;
      // What is not whole is found out by taking it.
      const at = this.#isGood(first) ? this.#timeOf(first.at) : 0;
      if (at >= oldestAt) continue;
      oldest = first;
      oldestAt = at;
    }
    return oldest;
  }

  #stretchOf({ point, at, end, packets }: JournalRecord): Stretch | undefined {
    if (point < this.#points && packets <= MAX_PACKETS) return { point, at, end, packets };
    this.#counters.journalTorn += Math.min(packets, MAX_PACKETS);
    return undefined;
  }

  /** The next packet; false where there is no further one. */
  #take(stretch: Stretch): boolean {
    if (stretch.packets === 0) return false;
    const frame = stretch.at;
    if (!this.#isGood(stretch)) {
      this.#counters.journalTorn += stretch.packets;
      stretch.packets = 0;
      return false;
    }
    // Here and not amid the packet, so that it is in one segment and not in two.
    if (this.#capture.isFull) throw new SegmentIsFull();
    stretch.packets--;
    const next = this.#view.getUint32(frame + FRAME.next, true);
    // The last one of a block names none; one that leads backwards leads nowhere.
    stretch.at = next < LEAST_FRAME ? stretch.end : frame + next;
    this.#point = stretch.point;
    this.until = Math.max(this.until, this.#timeOf(frame));
    handFrame(this.#bytes, this.#view, frame, this.#sink);
    return stretch.packets > 0;
  }

  readonly #sink: PacketSink = (bytes, at, end, length, protocol, second, nanosecond) => {
    this.#second = second;
    this.#nanosecond = nanosecond;
    this.#capture.packet(bytes, at, end, length, protocol, second, nanosecond, this.#point);
  };

  /** Whether the next packet is all there and of our time. */
  #isGood({ at, end }: Stretch): boolean {
    return isWhole(this.#view, at, end) && this.#isNear(this.#timeOf(at));
  }

  #isNear(second: number): boolean {
    return Math.abs(second - this.#nowS) <= MOST_APART_S;
  }

  #timeOf(frame: number): number {
    return (
      this.#view.getUint32(frame + FRAME.second, true) +
      this.#view.getUint32(frame + FRAME.nanosecond, true) / 1e9
    );
  }

  /** Time passes. */
  #pass({ kind, at, end }: JournalRecord): void {
    if (kind !== KIND.time || end - at !== 8) return;
    const [second, nanosecond] = [this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true)];
    if (!this.#isNear(second)) return;
    if (this.#capture.isFull) throw new SegmentIsFull();
    this.until = Math.max(this.until, second + nanosecond / 1e9);
    this.#capture.expire(second, nanosecond);
  }

  /** All that the file tells of, also where the rest is for the next segment. */
  #drops(records: readonly JournalRecord[]): void {
    for (const { kind, at, end } of records) {
      if (kind !== KIND.drops || end - at !== 8) continue;
      this.#counters.kernelDrops += this.#view.getUint32(at, true);
      this.#counters.ringFreezes += this.#view.getUint32(at + 4, true);
    }
  }

  #expire(): void {
    this.#capture.expire(this.#second, this.#nanosecond);
  }
}

/** Whether the segment was full before the end. */
function untilFull(read: () => void): boolean {
  try {
    read();
    return false;
  } catch (error) {
    if (error instanceof SegmentIsFull) return true;
    throw error;
  }
}
