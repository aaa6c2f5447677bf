import { readFileSync } from "node:fs";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { type NativeSocket, native } from "../../native/load.ts";
import { FRAME, handFrame, type PacketSink } from "../wire/capture/ring-frames.ts";
import { type BpfInstruction, encodeBpf } from "./bpf.ts";
import { must } from "./raw-socket.ts";

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOL_PACKET = 263;
/** linux/if_packet.h */
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_MR_PROMISC = 1;
const TPACKET_V3 = 2;
const ETH_P_ALL = 0x0003;

/** Where things stand in struct tpacket_block_desc. */
const BLOCK = { packets: 12, first: 16, octets: 20 } as const;
export interface RingOptions {
  /** Name of the interface. */
  readonly interface: string;
  /** Octets of a block: a power of two, 4096 at least. */
  readonly blockOctets: number;
  readonly blocks: number;
  /** A block that is not full is handed over after so long. */
  readonly retireMs: number;
  readonly filter: readonly BpfInstruction[];
  /** Told of each block's packets before the first of them is handed over. */
  readonly onBlock?: FramesSink;
}

export interface RingStatistics {
  packets: number;
  drops: number;
  freezes: number;
}

/** Packets as frames (wire/capture/ring-frames.ts), `octets` from `at`. */
export type FramesSink = (bytes: Uint8Array, at: number, octets: number, packets: number) => void;

/** Thrown when there is no such interface. */
export class NoInterfaceError extends VsixError<"no-interface"> {
  constructor(name: string, options?: { readonly cause?: unknown }) {
    super("no-interface", `there is no interface ${name} here`, options);
    this.name = "NoInterfaceError";
  }
}

/**
 * What passes an interface in both directions, from the network header on whatever the link is, by a ring that the kernel and we
 * share (packet(7), TPACKET_V3). Times are the kernel's, UTC.
 */
export class PacketRing implements Disposable {
  readonly #socket: NativeSocket;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #options: RingOptions;
  readonly #statistics = new Uint8Array(12);
  #block = 0;
  /** Of the block at hand: packets not handed over, and where the next stands. */
  #left = 0;
  #frame = 0;
  /** The packet that is being handed over; -1 where none is. */
  #inHand = -1;

  private constructor(socket: NativeSocket, memory: ArrayBuffer, options: RingOptions) {
    this.#socket = socket;
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#options = options;
  }

  /** Needs CAP_NET_RAW. @throws NoInterfaceError, NetlinkError with the kernel's errno. */
  static open(options: RingOptions): PacketRing {
    const index = interfaceIndex(options.interface);
    const socket = new (native().Socket)(AF_PACKET, SOCK_DGRAM, 0);
    try {
      must(socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3), "packet ring version 3");
      must(socket.filter(encodeBpf(options.filter)), "packet filter");
      const { blockOctets, blocks, retireMs } = options;
      const frame = 2048;
      const request = Uint32Array.of(
        blockOctets,
        blocks,
        frame,
        (blockOctets / frame) * blocks,
        retireMs,
        0,
        0,
      );
      must(socket.setsockopt(SOL_PACKET, PACKET_RX_RING, new Uint8Array(request.buffer)), "packet ring");
      const memory = socket.map(blockOctets * blocks);
      if (typeof memory === "number") {
        must(memory, "packet ring memory");
        throw new RangeError("no memory");
      }
      const promiscuous = new Uint8Array(16);
      new DataView(promiscuous.buffer).setInt32(0, index, true);
      new DataView(promiscuous.buffer).setUint16(4, PACKET_MR_PROMISC, true);
      must(
        socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous),
        `promiscuous ${options.interface}`,
      );
      // Bound last: from here on packets come.
      must(socket.bind(linkAddress(index)), `bind to ${options.interface}`);
      return new PacketRing(socket, memory, options);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Calls back when there is something to drain, or with the negative errno of the interface's end. */
  watch(callback: (status: number) => void): void {
    must(this.#socket.poll(callback), "poll");
  }

  /** When the next packet came: seconds, UTC, with a fraction; Infinity where none waits. */
  next(): number {
    if (this.#left === 0 && !this.#begin()) return Number.POSITIVE_INFINITY;
    const frame = this.#frame;
    return (
      this.#view.getUint32(frame + FRAME.second, true) +
      this.#view.getUint32(frame + FRAME.nanosecond, true) / 1e9
    );
  }

  /** Hands over what is left of the block that is next, and gives the block back. False where there was none. */
  drain(sink: PacketSink): boolean {
    if (this.#left === 0 && !this.#begin()) return false;
    try {
      while (this.#left > 0) this.#hand(sink);
    } finally {
      this.#end();
    }
    return true;
  }

  /** Hands over one packet: the one that next() told of. */
  take(sink: PacketSink): void {
    if (this.#left === 0) return;
    try {
      this.#hand(sink);
    } finally {
      if (this.#left === 0) this.#end();
    }
  }

  /** True where a block has packets now. */
  #begin(): boolean {
    const at = this.#block * this.#options.blockOctets;
    if (this.#socket.blockReady(at) === 1) {
      this.#left = this.#view.getUint32(at + BLOCK.packets, true);
      this.#frame = at + this.#view.getUint32(at + BLOCK.first, true);
      if (this.#left > 0) {
        this.#tellBlock(at);
        return true;
      }
      this.#end();
      return false;
    }
    return false;
  }

  #end(): void {
    this.#left = 0;
    this.#inHand = -1;
    this.#socket.blockDone(this.#block * this.#options.blockOctets);
    this.#block = (this.#block + 1) % this.#options.blocks;
  }

  #tellBlock(at: number): void {
    const { onBlock } = this.#options;
    if (onBlock === undefined) return;
    // Whoever is told may ask what is left: nothing of this block yet.
    const packets = this.#left;
    this.#left = 0;
    onBlock(this.#bytes, this.#frame, this.#blockEnd(at) - this.#frame, packets);
    this.#left = packets;
  }

  #blockEnd(at: number): number {
    return at + Math.min(this.#view.getUint32(at + BLOCK.octets, true), this.#options.blockOctets);
  }

  /** Packets of the block at hand that are not handed over; with the one that is being handed over, where `inHand`. */
  left(inHand: boolean): number {
    return this.#left + (inHand && this.#inHand >= 0 ? 1 : 0);
  }

  /** Tells of the frames of {@link left}, if there are any. */
  rest(inHand: boolean, sink: FramesSink): void {
    const packets = this.left(inHand);
    if (packets === 0) return;
    const frame = inHand && this.#inHand >= 0 ? this.#inHand : this.#frame;
    sink(this.#bytes, frame, this.#blockEnd(this.#block * this.#options.blockOctets) - frame, packets);
  }

  #hand(sink: PacketSink): void {
    const view = this.#view;
    const frame = this.#frame;
    this.#left--;
    this.#frame = frame + view.getUint32(frame + FRAME.next, true);
    this.#inHand = frame;
    handFrame(this.#bytes, view, frame, sink);
    this.#inHand = -1;
  }

  /** Adds what the kernel counted since the last time: packets in the ring and dropped, times that it was full. */
  addStatistics(sums: RingStatistics): void {
    if (this.#socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, this.#statistics) !== 12) return;
    const view = new DataView(this.#statistics.buffer);
    const drops = view.getUint32(4, true);
    // The kernel's sum of packets has the dropped ones in it.
    sums.packets += view.getUint32(0, true) - drops;
    sums.drops += drops;
    sums.freezes += view.getUint32(8, true);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

function interfaceIndex(name: string): number {
  // A name of the kernel's: no path, no more than IFNAMSIZ.
  if (!/^[^/\s]{1,15}$/.test(name) || name === "." || name === "..") throw new NoInterfaceError(name);
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"));
  } catch (cause) {
    throw new NoInterfaceError(name, { cause });
  }
}

/** struct sockaddr_ll */
function linkAddress(index: number): Uint8Array {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ALL);
  view.setInt32(4, index, true);
  return address;
}
