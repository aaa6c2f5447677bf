import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import {
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

/** Thrown where a segment is full while a journal is read: there the capture began the next file, which has the rest. */
export class SegmentIsFull extends Error {}

/** Frames of one point that are yet to be read. */
interface Stretch {
  readonly point: number;
  at: number;
  readonly end: number;
  packets: number;
}

/**
 * Reads a journal again: the capture has then what it had when the journal ended. What cannot be read is counted
 * (`journalTorn`), and so is what is of another time than `nowS` (seconds, UTC). Returns the time up to which everything was read, seconds, UTC, with a fraction; 0 where none is known.
 * @throws JournalError where it is no journal of this boot and part
 */
export function replayJournal(
  bytes: Uint8Array,
  wanted: JournalHead,
  points: number,
  capture: PacketCapture,
  counters: CaptureCounters,
  nowS: number,
): number {
  checkJournalHead(bytes, wanted);
  const records = journalRecords(bytes);
  const waiting = records.find(({ kind }) => kind === KIND.waiting);
  capture.restore(
    waiting === undefined ? new Uint8Array() : bytes.subarray(waiting.at, waiting.end),
    points,
    nowS,
  );
  const replay = new Replay(bytes, points, capture, counters, nowS);
  const steps = withoutCut(records);
  try {
    if (points === 1) replay.inTurn(steps);
    else replay.merged(steps);
  } catch (error) {
    if (!(error instanceof SegmentIsFull)) throw error;
  }
  return replay.until;
}

/** Frames that the next file has are taken off the last of their point. */
function withoutCut(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const kept = [...records];
  for (const { kind, point, packets } of records) {
    if (kind !== KIND.cut) continue;
    const last = kept.findLastIndex((one) => one.kind === KIND.frames && one.point === point);
    const record = kept[last];
    if (record !== undefined) kept[last] = { ...record, packets: Math.max(0, record.packets - packets) };
  }
  return kept;
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

  /** One point: exactly as it was, so that the same rows come. */
  inTurn(records: readonly JournalRecord[]): void {
    for (const record of records) {
      if (record.kind !== KIND.frames) {
        this.#aside(record);
        continue;
      }
      const stretch = this.#stretchOf(record);
      if (stretch === undefined) continue;
      while (this.#take(stretch));
      this.#expire();
    }
  }

  /** Several points: in the order of time. */
  merged(records: readonly JournalRecord[]): void {
    const queues = Array.from({ length: this.#points }, (): Stretch[] => []);
    for (const record of records) {
      const stretch = record.kind === KIND.frames ? this.#stretchOf(record) : undefined;
      if (stretch !== undefined) queues[stretch.point]?.push(stretch);
    }
    for (let taken = 1; ; taken++) {
      const first = this.#oldest(queues);
      if (first === undefined) break;
      if (!this.#take(first)) queues[first.point]?.shift();
      if (taken % PACKETS_A_BLOCK === 0) this.#expire();
    }
    this.#expire();
    for (const record of records) if (record.kind !== KIND.frames) this.#aside(record);
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

  #aside({ kind, at, end }: JournalRecord): void {
    if (end - at !== 8) return;
    const [one, other] = [this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true)];
    if (kind === KIND.time && this.#isNear(one)) {
      this.until = Math.max(this.until, one + other / 1e9);
      this.#capture.expire(one, other);
    } else if (kind === KIND.drops) {
      this.#counters.kernelDrops += one;
      this.#counters.ringFreezes += other;
    }
  }

  #expire(): void {
    this.#capture.expire(this.#second, this.#nanosecond);
  }
}
