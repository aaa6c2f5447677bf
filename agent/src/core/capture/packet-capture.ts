import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import type { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { FOUND, PacketDecoder } from "../../wire/capture/packet.ts";
import { type EngineOptions, PairEngine, TCP, UDP } from "./engine.ts";
import { Fragments } from "./fragments.ts";
import { TcpStreams } from "./tcp-streams.ts";

/** Fragments inside of fragments (tunnels) that are put together for one packet. */
const MAX_NESTED = 3;

/** From packets to rows: takes packets apart, puts fragments and connections together, and gives messages to the engine. */
export class PacketCapture {
  readonly #counters: CaptureCounters;
  readonly #engine: PairEngine;
  readonly #packet = new PacketDecoder();
  readonly #fragments: Fragments;
  readonly #streams: TcpStreams;
  #second = 0;
  #nanosecond = 0;

  constructor(options: EngineOptions, builder: SegmentBuilder, counters: CaptureCounters, full: () => void) {
    this.#counters = counters;
    this.#engine = new PairEngine(options, builder, counters, full);
    this.#fragments = new Fragments(options.seed, counters);
    this.#streams = new TcpStreams(
      options.seed,
      counters,
      (port) => this.#engine.isPort(port),
      (bytes, at, end, flow) =>
        this.#engine.message(
          bytes,
          at,
          end,
          flow.key,
          0,
          16,
          flow.addressLength,
          flow.sourcePort,
          flow.destinationPort,
          TCP,
          this.#second,
          this.#nanosecond,
          flow.point,
        ),
    );
  }

  /** The next row is for another segment. */
  get isFull(): boolean {
    return this.#engine.isFull;
  }

  /** Queries that wait. */
  get waiting(): number {
    return this.#engine.waiting;
  }

  /** The queries that wait, as octets for {@link restore}. Fragments and TCP that are not whole are not among them. */
  save(): Uint8Array {
    return this.#engine.save();
  }

  /** These queries wait, and no others. `points`: how many there are. @throws JournalError for what save() did not make. */
  restore(saved: Uint8Array, points: number, nowS: number): void {
    this.#engine.restore(saved, points, nowS);
  }

  /**
   * One packet from its network header on.
   * @param length octets that it had on the link; more than `end - at` where it was cut. @param protocol EtherType.
   */
  packet(
    bytes: Uint8Array,
    at: number,
    end: number,
    length: number,
    protocol: number,
    second: number,
    nanosecond: number,
    point: number,
  ): void {
    const counters = this.#counters;
    counters.packets++;
    counters.octets += length;
    this.#second = second;
    this.#nanosecond = nanosecond;
    this.#found(this.#packet.decode(bytes, at, end, protocol), bytes, point, 0);
  }

  /** Time passes. */
  expire(second: number, nanosecond: number): void {
    this.#second = second;
    this.#nanosecond = nanosecond;
    this.#streams.expire(second);
    this.#fragments.expire(second);
    this.#engine.expire(second, nanosecond);
  }

  /** Nothing more comes: whatever waits is given up. */
  end(): void {
    this.#streams.expire(Number.POSITIVE_INFINITY);
    this.#fragments.expire(Number.POSITIVE_INFINITY);
    this.#engine.end();
  }

  #found(found: number, bytes: Uint8Array, point: number, nested: number): void {
    const packet = this.#packet;
    const counters = this.#counters;
    switch (found) {
      case FOUND.udp:
        if (!this.#engine.isPort(packet.sourcePort) && !this.#engine.isPort(packet.destinationPort))
          counters.notDns++;
        else
          this.#engine.message(
            bytes,
            packet.at,
            packet.end,
            bytes,
            packet.sourceAt,
            packet.destinationAt,
            packet.addressLength,
            packet.sourcePort,
            packet.destinationPort,
            UDP,
            this.#second,
            this.#nanosecond,
            point,
          );
        return;
      case FOUND.tcp:
        if (!this.#engine.isPort(packet.sourcePort) && !this.#engine.isPort(packet.destinationPort))
          counters.notDns++;
        else this.#streams.segment(bytes, packet, this.#second, point);
        return;
      case FOUND.fragment: {
        const whole = this.#fragments.add(bytes, packet, this.#second, point);
        if (whole === undefined) return;
        if (nested === MAX_NESTED) counters.badHeaders++;
        else
          this.#found(
            packet.continue(whole, packet.at, packet.end, packet.fragmentNext),
            whole,
            point,
            nested + 1,
          );
        return;
      }
      case FOUND.truncated:
        counters.truncated++;
        return;
      case FOUND.damaged:
        counters.badHeaders++;
        return;
      default:
        counters.notDns++;
    }
  }
}
