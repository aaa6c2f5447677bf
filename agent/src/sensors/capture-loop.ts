import { setTimeout as sleep } from "node:timers/promises";
import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { type CaptureCounters, countedSince, noCounters } from "@vsix/shared/dns/counters.ts";
import { pooledRoom } from "@vsix/shared/dns/room.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { readSegmentHeader } from "@vsix/shared/dns/segment-header.ts";
import type { Prefix } from "@vsix/shared/net/prefix.ts";
import { native } from "../../native/load.ts";
import { SegmentIsFull } from "../core/capture/journal-replay.ts";
import { keptSegmentHead } from "../core/capture/kept-segment.ts";
import { PacketCapture } from "../core/capture/packet-capture.ts";
import type { SegmentMeta } from "../core/capture/spool-port.ts";
import type { CaptureJournal } from "../io/capture-journal.ts";
import { largeMemory } from "../io/large-memory.ts";
import { type FramesSink, PacketRing, type RingStatistics } from "../io/packet-ring.ts";
import { dnsFilter } from "../wire/capture/dns-filter.ts";
import type { PacketSink } from "../wire/capture/ring-frames.ts";
import { type LeftJournals, replayLeft } from "./capture-replay.ts";

export interface CaptureSettings {
  readonly interfaces: readonly string[];
  readonly ports: readonly number[];
  readonly pref64: readonly Prefix[];
  readonly resolvers: readonly Uint8Array[];
  /** How long a response is waited for. */
  readonly timeoutMs: number;
  /** Queries that may wait at a time: 1 kB of memory each at most, where they do. */
  readonly capacity: number;
  /** Octets of an interface's ring. */
  readonly ringOctets: number;
  readonly segmentRows: number;
  /** A segment goes when it is so old and has at least a sixteenth of its rows, and six times so old with any. */
  readonly flushMs: number;
  /** Secret of hash tables; any 32 bits. */
  readonly seed: number;
  readonly mapClient?: (address: Uint8Array) => Uint8Array;
  readonly mapName?: (name: Uint8Array) => Uint8Array;
  /** What is read goes into it too, until it is in a segment. */
  readonly journal?: CaptureJournal;
}

export interface CaptureEvents {
  /** `journal`: a file that has what the segment has, and that whoever keeps the segment removes. */
  readonly segment: (octets: Uint8Array<ArrayBuffer>, meta: SegmentMeta, journal?: string) => void;
  /**
   * Once a second: rows so far, those in no segment yet included, and the time up to which everything was read, µs, UTC.
   * Rows of journals that others left are not among them.
   */
  readonly progress?: (rows: number, untilUs: number) => void;
  /** An interface cannot be captured from; undefined when it can again. */
  readonly condition: (name: string, error: unknown) => void;
}

/** Blocks handled before others of the event loop have their turn. */
const BLOCKS_A_TURN = 4;
/** Of a ring. Large ones and few: a processor that slept has forgotten our tables, so it is to find much to do when it wakes. */
const BLOCKS = 8;
const MIN_BLOCK = 16_384;
const MAX_BLOCK = 4 << 20;
const RETIRE_MS = 250;
const TICK_MS = 1000;

/** A packet is in our hands so long after it came: a block that is not full is handed over then. */
const HANDED_OVER_S = (2 * RETIRE_MS) / 1000;
const PACKETS_A_BLOCK = 1024;

/** Tables of segments with fewer rows fit in the caches of small pages, and would not fill a large one. */
const LARGE_ROWS = 32_768;
/** All of them: what is not touched takes no memory, and the ends of two would be left over. */
const POOL_OCTETS = 64 << 20;

interface Port {
  readonly name: string;
  readonly sink: PacketSink;
  ring: PacketRing | undefined;
}

/** The capture: rings in, segments out, for as long as it is not disposed of. It belongs into a thread of its own. */
export class CaptureLoop implements Disposable {
  readonly counters: CaptureCounters = noCounters();
  readonly #settings: CaptureSettings;
  readonly #events: CaptureEvents;
  readonly #builder: SegmentBuilder;
  readonly #capture: PacketCapture;
  readonly #codec = zstdCodec();
  readonly #ports: readonly Port[];
  readonly #timer: NodeJS.Timeout;
  #told: CaptureCounters = noCounters();
  #begunMs = performance.now();
  #late: NodeJS.Timeout | undefined;
  /** Of the newest packet. */
  #lastSecond = 0;
  #lastNanosecond = 0;
  #flushed = 0;
  #ended = false;
  /** The next segment is the last one. */
  #last = false;
  /** Journals of others are being read. */
  #resuming = false;
  /** Time without capture that no segment has told of. */
  #gap: SegmentMeta["gap"];
  /** Up to when earlier captures had read everything; since when all rings are open. Seconds, UTC; 0 where nobody knows yet. */
  #untilS = 0;
  #openedS = 0;

  constructor(settings: CaptureSettings, events: CaptureEvents) {
    // V8's code counts on memory never being detached, until some is, and is then compiled again: a segment's is, so before there is any.
    new ArrayBuffer(1).transfer(0);
    this.#settings = settings;
    this.#events = events;
    const { seed, interfaces, segmentRows, mapClient, mapName } = settings;
    const room = segmentRows < LARGE_ROWS ? {} : { room: pooledRoom(largeMemory, POOL_OCTETS) };
    this.#builder = new SegmentBuilder({
      seed,
      points: interfaces,
      maxRows: segmentRows,
      ...(mapClient === undefined ? {} : { mapClient }),
      ...(mapName === undefined ? {} : { mapName }),
      ...room,
    });
    this.#capture = new PacketCapture({ ...settings, ...room }, this.#builder, this.counters, () => {
      if (this.#resuming) throw new SegmentIsFull();
      this.flush();
    });
    this.#ports = interfaces.map((name, number) => ({ name, sink: this.#sink(number), ring: undefined }));
    this.#openAll();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /**
   * Takes up what earlier lives left in journals, and begins one of its own. To be called once and at once, if there is a journal.
   */
  resume(left: LeftJournals): void {
    const points = this.#settings.interfaces.length;
    this.#resuming = true;
    replayLeft(left, points, this.#capture, this.counters, wallSeconds(), {
      kept: this.#events.segment,
      replayed: (journal, untilS) => {
        this.#untilS = untilS ?? 0;
        this.#closeGap();
        if (journal !== undefined) this.#emit(journal);
      },
    });
    this.#resuming = false;
    this.#nextJournal(false);
  }

  /**
   * What was captured since the last segment becomes one, if there is anything or `always`.
   * @param inHand the packet at hand is for the next one: nothing was done with it
   */
  flush(always = false, inHand = false): void {
    this.#statistics();
    if (this.#builder.rows === 0 && !always) return;
    this.#nextJournal(inHand);
    this.#flushed += this.#emit();
  }

  /** A segment was not kept: its rows are lost, and what it said is for the next one to say. */
  notKept({ rows, counted, gap }: Pick<SegmentMeta, "rows" | "counted" | "gap">): void {
    this.counters.rowsLost += rows;
    this.#told = countedSince(this.#told, counted);
    this.#gap ??= gap;
  }

  /** Time without capture ends when every ring is open. */
  #closeGap(): void {
    const [from, to] = [this.#untilS, this.#openedS];
    if (from === 0 || to === 0) return;
    this.#untilS = 0;
    if (from < to) this.#gap = { fromUs: Math.floor(from * 1e6), toUs: Math.ceil(to * 1e6) };
  }

  /** Makes the segment, of what a file of an earlier life has or of our own; returns its rows. */
  #emit(replayed?: string): number {
    const counted = countedSince(this.counters, this.#told);
    this.#told = { ...this.counters };
    this.#begunMs = performance.now();
    const octets = this.#builder.finish(this.#codec, counted);
    const { rows, leastNs, greatestNs } = readSegmentHeader(octets);
    const gap = this.#gap;
    this.#gap = undefined;
    const points = this.#settings.interfaces;
    const meta = { rows, leastNs, greatestNs, points, counted, ...(gap === undefined ? {} : { gap }) };
    const kept = replayed ?? this.#settings.journal?.keep([keptSegmentHead(meta), octets]);
    this.#events.segment(octets, meta, kept);
    return rows;
  }

  /** The journal goes on in another file: with what waits, and with what the rings' blocks at hand still have. */
  #nextJournal(inHand: boolean): void {
    const { journal } = this.#settings;
    if (this.#last) journal?.end();
    if (this.#last || journal === undefined) return;
    const cuts = this.#ports.map(({ ring }) => ring?.left(inHand) ?? 0);
    journal.begin(cuts, this.#capture.save());
    for (const [point, { ring }] of this.#ports.entries()) ring?.rest(inHand, this.#journalOf(point));
    journal.begun();
  }

  #journalOf(point: number): FramesSink {
    return (bytes, at, octets, packets) => {
      if (this.#settings.journal?.frames(point, bytes, at, octets, packets) === false)
        this.counters.notJournaled += packets;
    };
  }

  #onBlock(point: number): FramesSink {
    const write = this.#journalOf(point);
    return (bytes, at, octets, packets) => {
      if (this.#settings.journal?.isFull(octets) === true) this.flush(true);
      write(bytes, at, octets, packets);
    };
  }

  /** Waits for what came before now, which the kernel hands over up to RETIRE_MS late, and ends. */
  async end(): Promise<void> {
    await sleep(2 * RETIRE_MS);
    this[Symbol.dispose]();
  }

  /** Takes what the rings have handed over, gives up what waits, and tells of all of it. */
  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#drain(Number.POSITIVE_INFINITY);
    clearTimeout(this.#late);
    this.#statistics();
    for (const port of this.#ports) {
      port.ring?.[Symbol.dispose]();
      port.ring = undefined;
    }
    this.#capture.end();
    this.#last = true;
    this.flush(true);
    this.#settings.journal?.close();
    this.#events.progress?.(this.#flushed, Math.floor((wallSeconds() - HANDED_OVER_S) * 1e6));
  }

  #sink(point: number): PacketSink {
    const capture = this.#capture;
    const builder = this.#builder;
    return (bytes, at, end, length, protocol, second, nanosecond) => {
      // Here and not amid the packet, so that it is in one journal and not in two.
      if (builder.full) this.flush(false, true);
      this.#lastSecond = second;
      this.#lastNanosecond = nanosecond;
      capture.packet(bytes, at, end, length, protocol, second, nanosecond, point);
    };
  }

  #openAll(): void {
    for (const [point, port] of this.#ports.entries()) if (port.ring === undefined) this.#open(port, point);
    if (this.#openedS > 0 || this.#ports.some(({ ring }) => ring === undefined)) return;
    this.#openedS = wallSeconds();
    this.#closeGap();
  }

  #open(port: Port, point: number): void {
    try {
      const { ringOctets, ports } = this.#settings;
      const blockOctets = Math.min(
        MAX_BLOCK,
        Math.max(MIN_BLOCK, 2 ** Math.floor(Math.log2(ringOctets / BLOCKS))),
      );
      const ring = PacketRing.open({
        interface: port.name,
        blockOctets,
        blocks: Math.max(4, Math.floor(ringOctets / blockOctets)),
        retireMs: RETIRE_MS,
        filter: dnsFilter(ports),
        ...(this.#settings.journal === undefined ? {} : { onBlock: this.#onBlock(point) }),
      });
      ring.watch((status) => (status < 0 ? this.#lost(port, status) : this.#drain(BLOCKS_A_TURN)));
      port.ring = ring;
      this.#events.condition(port.name, undefined);
    } catch (error) {
      this.#events.condition(port.name, error);
    }
  }

  /** The interface went down or away: what the ring has is taken, and tick() opens it again. */
  #lost(port: Port, status: number): void {
    this.#drain(Number.POSITIVE_INFINITY);
    this.#statistics();
    port.ring?.[Symbol.dispose]();
    port.ring = undefined;
    this.#events.condition(port.name, new Error(`the interface went away (errno ${-status})`));
  }

  /** What the rings have; several in the order of time. `most`: blocks, after which others have their turn. */
  #drain(most: number): void {
    const [only] = this.#ports;
    if (this.#ports.length === 1 && only !== undefined) {
      for (let left = most; left > 0 && only.ring?.drain(only.sink) === true; left--) this.#expire();
      return;
    }
    // What is younger may have to wait for a packet of another ring, whose block is not handed over yet.
    const safe = most === Number.POSITIVE_INFINITY ? most : wallSeconds() - HANDED_OVER_S;
    for (let left = most * PACKETS_A_BLOCK; left > 0; left--) {
      const port = this.#next(safe);
      if (port === undefined) break;
      port.ring?.take(port.sink);
    }
    this.#expire();
    if (
      this.#late === undefined &&
      this.#ports.some(({ ring }) => ring !== undefined && ring.next() < Number.POSITIVE_INFINITY)
    ) {
      this.#late = setTimeout(() => {
        this.#late = undefined;
        this.#drain(BLOCKS_A_TURN);
      }, RETIRE_MS / 2);
    }
  }

  /** The port whose packet is the oldest, where it is old enough or every ring has one. */
  #next(safe: number): Port | undefined {
    let first: Port | undefined;
    let firstAt = Number.POSITIVE_INFINITY;
    let all = true;
    for (const port of this.#ports) {
      if (port.ring === undefined) continue;
      const at = port.ring.next();
      if (at === Number.POSITIVE_INFINITY) all = false;
      else if (at < firstAt) {
        first = port;
        firstAt = at;
      }
    }
    return all || firstAt < safe ? first : undefined;
  }

  #expire(): void {
    this.#capture.expire(this.#lastSecond, this.#lastNanosecond);
  }

  #tick(): void {
    this.#openAll();
    this.#drain(BLOCKS_A_TURN);
    // A block that is not full comes up to RETIRE_MS late: what is younger may still be answered in it.
    const now = wallSeconds() - HANDED_OVER_S;
    const second = Math.floor(now);
    const nanosecond = Math.floor((now - second) * 1e9);
    this.#statistics();
    this.#settings.journal?.time(second, nanosecond);
    this.#capture.expire(second, nanosecond);
    this.#events.progress?.(this.#flushed + this.#builder.rows, Math.floor(now * 1e6));
    const { flushMs, segmentRows } = this.#settings;
    const ageMs = performance.now() - this.#begunMs;
    const enough = this.#builder.rows >= segmentRows / 16;
    if (ageMs >= 6 * flushMs || (ageMs >= flushMs && enough))
      this.flush(this.counters.packets !== this.#told.packets || this.#gap !== undefined);
  }

  #statistics(): void {
    const sums: RingStatistics = { packets: 0, drops: 0, freezes: 0 };
    for (const { ring } of this.#ports) ring?.addStatistics(sums);
    this.counters.kernelDrops += sums.drops;
    this.counters.ringFreezes += sums.freezes;
    if (sums.drops > 0 || sums.freezes > 0) this.#settings.journal?.drops(sums.drops, sums.freezes);
  }
}

/** UTC, with a fraction: the clock of packets. */
function wallSeconds(): number {
  return Number(native().realtimeNs() / 1000n) / 1e6;
}
