import { BATCH_MAX, META_PER_SLOT, type NativeSocket, native, SLOT_DATA_OFFSET } from "../../native/load.ts";
import { formatIp6 } from "../wire/netlink/ip-text.ts";
import { decodeSynAnswer, type SynAnswer } from "../wire/tcp.ts";
import { BPF, encodeBpf } from "./bpf.ts";
import { readControl } from "./icmp6-control.ts";
import { NetlinkError } from "./netlink-error.ts";

const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_TCP = 6;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_TIMESTAMPNS = 35;
/** Nothing behind the header is looked at. */
const KEPT = 64;
const SLOT = SLOT_DATA_OFFSET + KEPT;
const ROUNDS = 4;

export interface ReceivedSynAnswer {
  readonly source: string;
  /** Nanoseconds of the wall clock (SO_TIMESTAMPNS). */
  readonly timestampNs: bigint;
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
  readonly #firstPort: number;
  readonly #buffer = new Uint8Array(SLOT * BATCH_MAX);
  readonly #meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
  #open = true;

  /** @throws NetlinkError when the kernel gives no such socket; NativeLoadError without the addon. */
  constructor(firstPort: number, receive: (received: ReceivedSynAnswer) => void) {
    this.#receive = receive;
    this.#firstPort = firstPort;
    this.#socket = new (native().Socket)(AF_INET6, SOCK_RAW, IPPROTO_TCP);
    try {
      const must = (result: number, what: string): void => {
        if (result < 0) throw new NetlinkError(-result, `raw TCP socket: ${what}`);
      };
      must(this.#socket.filter(answersTo(firstPort)), "filter");
      must(this.#socket.setsockopt(SOL_SOCKET, SO_TIMESTAMPNS, 1), "timestamps");
      must(this.#socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 20), "receive buffer");
      must(
        this.#socket.poll(() => this.drain()),
        "poll",
      );
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** Reads what has come. */
  drain(): void {
    for (let round = 0; round < ROUNDS && this.#open; round++) {
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
    if (segment === undefined || segment.destinationPort < this.#firstPort) return;
    const { timestampNs } = readControl(this.#buffer, start, this.#meta[slot * META_PER_SLOT + 2] ?? 0);
    this.#receive({ source: formatIp6(this.#buffer, start + 8), timestampNs, segment });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    this.#socket.close();
  }
}

/** On a segment: destination port not below `firstPort`, and RST, or SYN and ACK. */
function answersTo(firstPort: number): Uint8Array {
  return encodeBpf([
    [BPF.LOAD_HALF, 0, 0, 2],
    [BPF.IF_GREATER_OR_EQUAL, 0, 4, firstPort],
    [BPF.LOAD_OCTET, 0, 0, 13],
    [BPF.IF_ANY_BIT, 3, 0, 0x04],
    [BPF.AND, 0, 0, 0x12],
    [BPF.IF_EQUAL, 1, 0, 0x12],
    [BPF.RETURN, 0, 0, 0],
    [BPF.RETURN, 0, 0, KEPT],
  ]);
}
