import { BATCH_MAX, META_PER_SLOT, type NativeSocket, native, SLOT_DATA_OFFSET } from "../../native/load.ts";
import { formatIp6 } from "../wire/netlink/ip-text.ts";
import { decodeSynAnswer, type SynAnswer } from "../wire/tcp.ts";
import { BPF, encodeBpf } from "./bpf.ts";
import { readControl } from "./icmp6-control.ts";
import { bindTo, makeRoom, must, OverflowWatch } from "./raw-socket.ts";

const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_TCP = 6;
const SOL_SOCKET = 1;
const SO_TIMESTAMPNS = 35;
const IPPROTO_IPV6 = 41;
const IPV6_RECVHOPLIMIT = 51;
/** Nothing behind the header is looked at. */
const KEPT = 64;
const SLOT = SLOT_DATA_OFFSET + KEPT;
const ROUNDS = 4;
/** Of a socket that is read now and then. */
const QUIET_ROUNDS = 256;
const ROOM = 1 << 20;

export interface RawTcpChoice {
  /** First and last port of this machine. */
  readonly ports: readonly [first: number, last: number];
  /** Reads only when {@link RawTcpSocket.drain} is called. */
  readonly quiet?: boolean;
  /** Hears only what comes to this address, whether or not the machine has it yet. */
  readonly address?: string;
  /** Octets that unread segments may take. */
  readonly room?: number;
}

export interface ReceivedSynAnswer {
  readonly source: string;
  /** Nanoseconds of the wall clock (SO_TIMESTAMPNS). */
  readonly timestampNs: bigint;
  readonly hopLimit: number;
  readonly segment: SynAnswer;
}

/**
 * Hears SYN-ACKs and resets that come to high ports of this machine, beside the kernel, which answers a SYN-ACK that it
 * did not ask for with a reset: so no connection ever comes about. A filter in the kernel keeps all other TCP away.
 * Needs CAP_NET_RAW.
 */
export class RawTcpSocket implements AsyncDisposable {
  readonly #socket: NativeSocket;
  readonly #receive: (received: ReceivedSynAnswer) => void;
  readonly #choice: RawTcpChoice;
  readonly #overflow: OverflowWatch;
  readonly #buffer = new Uint8Array(SLOT * BATCH_MAX);
  readonly #meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
  #open = true;

  /** @throws NetlinkError when the kernel gives no such socket; NativeLoadError without the addon. */
  constructor(choice: RawTcpChoice, receive: (received: ReceivedSynAnswer) => void) {
    const { ports, quiet = false, address, room = ROOM } = choice;
    this.#receive = receive;
    this.#choice = choice;
    this.#socket = new (native().Socket)(AF_INET6, SOCK_RAW, IPPROTO_TCP);
    this.#overflow = new OverflowWatch(this.#socket);
    try {
      must(this.#socket.filter(answersTo(ports)), "raw TCP socket: filter");
      must(this.#socket.setsockopt(SOL_SOCKET, SO_TIMESTAMPNS, 1), "raw TCP socket: timestamps");
      must(this.#socket.setsockopt(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1), "raw TCP socket: hop limit");
      makeRoom(this.#socket, room);
      if (address !== undefined) bindTo(this.#socket, address);
      if (!quiet)
        must(
          this.#socket.poll(() => this.drain()),
          "raw TCP socket: poll",
        );
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** Whether segments were dropped since the last look because nobody had read those before. */
  overflowed(): boolean {
    return this.#overflow.overflowed();
  }

  /** Reads what has come. */
  drain(): void {
    const rounds = this.#choice.quiet === true ? QUIET_ROUNDS : ROUNDS;
    for (let round = 0; round < rounds && this.#open; round++) {
      const count = this.#socket.recv(this.#buffer, SLOT, this.#meta);
      for (let slot = 0; slot < count && this.#open; slot++) this.#take(slot);
      if (count < BATCH_MAX) return;
    }
  }

  #take(slot: number): void {
    const start = slot * SLOT;
    const length = this.#meta[slot * META_PER_SLOT] ?? 0;
    const at = start + SLOT_DATA_OFFSET;
    const segment = decodeSynAnswer(this.#buffer.subarray(at, at + length));
    // What came before the filter was there.
    const [first, last] = this.#choice.ports;
    if (segment === undefined || segment.destinationPort < first || segment.destinationPort > last) return;
    const { timestampNs, hopLimit } = readControl(
      this.#buffer,
      start,
      this.#meta[slot * META_PER_SLOT + 2] ?? 0,
    );
    this.#receive({ source: formatIp6(this.#buffer, start + 8), timestampNs, hopLimit, segment });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    this.#socket.close();
  }
}

/** On a segment: destination port among these, and RST, or SYN and ACK. */
function answersTo([first, last]: readonly [number, number]): Uint8Array {
  return encodeBpf([
    [BPF.LOAD_HALF, 0, 0, 2],
    [BPF.IF_GREATER_OR_EQUAL, 0, 5, first],
    [BPF.IF_GREATER, 4, 0, last],
    [BPF.LOAD_OCTET, 0, 0, 13],
    [BPF.IF_ANY_BIT, 3, 0, 0x04],
    [BPF.AND, 0, 0, 0x12],
    [BPF.IF_EQUAL, 1, 0, 0x12],
    [BPF.RETURN, 0, 0, 0],
    [BPF.RETURN, 0, 0, KEPT],
  ]);
}
