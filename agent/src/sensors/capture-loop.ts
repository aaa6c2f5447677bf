import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { type CaptureCounters, countedSince, noCounters } from "@vsix/shared/dns/counters.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { readSegmentHeader } from "@vsix/shared/dns/segment-header.ts";
import type { Prefix } from "@vsix/shared/net/prefix.ts";
import { native } from "../../native/load.ts";
import { PacketCapture } from "../core/capture/packet-capture.ts";
import type { SegmentMeta } from "../core/capture/spool-port.ts";
import { PacketRing, type RingStatistics } from "../io/packet-ring.ts";
import { dnsFilter } from "../wire/capture/dns-filter.ts";

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
}

export interface CaptureEvents {
  readonly segment: (octets: Uint8Array<ArrayBuffer>, meta: SegmentMeta) => void;
  /** Rows so far, those in no segment yet included: once a second while there are more. */
  readonly progress?: (rows: number) => void;
  /** An interface cannot be captured from; undefined when it can again. */
  readonly condition: (name: string, error: unknown) => void;
}

/** Blocks handled before others of the event loop have their turn. */
const BLOCKS_A_TURN = 16;
const MIN_BLOCK = 16_384;
const MAX_BLOCK = 1 << 20;
const RETIRE_MS = 100;
const TICK_MS = 1000;

interface Port {
  readonly name: string;
  readonly number: number;
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
  #flushed = 0;
  #progress = 0;

  constructor(settings: CaptureSettings, events: CaptureEvents) {
    this.#settings = settings;
    this.#events = events;
    const { seed, interfaces, segmentRows, mapClient, mapName } = settings;
    this.#builder = new SegmentBuilder({
      seed,
      points: interfaces,
      maxRows: segmentRows,
      ...(mapClient === undefined ? {} : { mapClient }),
      ...(mapName === undefined ? {} : { mapName }),
    });
    this.#capture = new PacketCapture(settings, this.#builder, this.counters, () => this.flush());
    this.#ports = interfaces.map((name, number) => ({ name, number, ring: undefined }));
    for (const port of this.#ports) this.#open(port);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** What was captured since the last segment becomes one, if there is anything or `always`. */
  flush(always = false): void {
    this.#statistics();
    const counted = countedSince(this.counters, this.#told);
    if (this.#builder.rows === 0 && !always) return;
    this.#told = { ...this.counters };
    this.#begunMs = performance.now();
    const octets = this.#builder.finish(this.#codec, counted);
    const { rows, leastNs, greatestNs } = readSegmentHeader(octets);
    this.#flushed += rows;
    this.#events.segment(octets, { rows, leastNs, greatestNs, points: this.#settings.interfaces, counted });
  }

  /** Takes what the rings still have, gives up what waits, and tells of all of it. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    while (this.#drain(Number.POSITIVE_INFINITY)) {}
    this.#statistics();
    for (const port of this.#ports) {
      port.ring?.[Symbol.dispose]();
      port.ring = undefined;
    }
    this.#capture.end();
    this.flush(true);
  }

  #open(port: Port): void {
    try {
      const { ringOctets, ports } = this.#settings;
      const blockOctets = Math.min(
        MAX_BLOCK,
        Math.max(MIN_BLOCK, 2 ** Math.floor(Math.log2(ringOctets / 16))),
      );
      const ring = PacketRing.open({
        interface: port.name,
        blockOctets,
        blocks: Math.max(4, Math.floor(ringOctets / blockOctets)),
        retireMs: RETIRE_MS,
        filter: dnsFilter(ports),
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

  /** Blocks of all rings, the one with the oldest packet first. True where the most were not enough. */
  #drain(most: number): boolean {
    for (let left = most; left > 0; left--) {
      const port = this.#next();
      const ring = port?.ring;
      if (port === undefined || ring === undefined) return false;
      const capture = this.#capture;
      const { number } = port;
      ring.drain((bytes, at, end, length, protocol, second, nanosecond) =>
        capture.packet(bytes, at, end, length, protocol, second, nanosecond, number),
      );
      capture.expire(ring.second, ring.nanosecond);
    }
    return true;
  }

  #next(): Port | undefined {
    if (this.#ports.length === 1) {
      const [only] = this.#ports;
      return only?.ring?.waitingSince() === undefined ? undefined : only;
    }
    let first: Port | undefined;
    let firstSince = Number.POSITIVE_INFINITY;
    for (const port of this.#ports) {
      const since = port.ring?.waitingSince();
      if (since === undefined || since >= firstSince) continue;
      first = port;
      firstSince = since;
    }
    return first;
  }

  #tick(): void {
    for (const port of this.#ports) if (port.ring === undefined) this.#open(port);
    this.#drain(BLOCKS_A_TURN);
    // A block that is not full comes up to RETIRE_MS late: what is younger may still be answered in it.
    const ns = native().realtimeNs() - BigInt(2 * RETIRE_MS) * 1_000_000n;
    this.#capture.expire(Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n));
    this.#tellProgress();
    const { flushMs, segmentRows } = this.#settings;
    const ageMs = performance.now() - this.#begunMs;
    const enough = this.#builder.rows >= segmentRows / 16;
    if (ageMs >= 6 * flushMs || (ageMs >= flushMs && enough))
      this.flush(this.counters.packets !== this.#told.packets);
  }

  #tellProgress(): void {
    const rows = this.#flushed + this.#builder.rows;
    if (rows === this.#progress) return;
    this.#progress = rows;
    this.#events.progress?.(rows);
  }

  #statistics(): void {
    const sums: RingStatistics = { packets: 0, drops: 0, freezes: 0 };
    for (const { ring } of this.#ports) ring?.addStatistics(sums);
    this.counters.kernelDrops += sums.drops;
    this.counters.ringFreezes += sums.freezes;
  }
}
