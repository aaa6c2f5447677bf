import { BATCH_MAX, META_PER_SLOT, type NativeSocket, native, SLOT_DATA_OFFSET } from "../../native/load.ts";
import { type BfdControl, decodeBfd, encodeBfd } from "../wire/bfd/control.ts";
import { formatIp6, parseIp6 } from "../wire/netlink/ip-text.ts";
import { BPF, encodeBpf } from "./bpf.ts";
import { ageUs } from "./icmp6.ts";
import { encodeControl, readControl } from "./icmp6-control.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const IPPROTO_IPV6 = 41;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_TIMESTAMPNS = 35;
const IPV6_UNICAST_HOPS = 16;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_TCLASS = 67;
/** DSCP CS6, network control (RFC 4594 section 3.2). */
const NETWORK_CONTROL = 0xc0;

/** RFC 5881 section 4: single-hop control packets go to this port, from one of the range below. */
const BFD_PORT = 3784;
const SOURCE_PORTS = { first: 49152, count: 16384 } as const;
/** RFC 5881 section 5 (GTSM, RFC 5082): sent with it, and only taken with it. Nobody further away can send that. */
const HOP_LIMIT = 255;
/** Longest packet read; of longer ones the rest is dropped, and their length field tells. */
const SLOT = SLOT_DATA_OFFSET + 64;
/** Batches read before other events get their turn: a flood costs no more than this at a time. */
const ROUNDS = 4;

export interface ReceivedBfd {
  readonly source: string;
  readonly interfaceIndex: number;
  readonly packet: BfdControl;
  /** When it came, by the kernel's stamp, on the clock that was given. */
  readonly atMs: number;
}

export interface BfdSocketOptions {
  readonly receive: (received: ReceivedBfd) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** In [0, 1), for the source port. */
  readonly random: () => number;
}

export interface BfdPath {
  readonly address: string;
  readonly localAddress: string;
  readonly interfaceIndex: number;
}

/** A path as the kernel wants it, worked out once for all packets. */
export interface BfdDestination {
  readonly interfaceIndex: number;
  /** struct sockaddr_in6. */
  readonly to: Uint8Array;
  /** IPV6_PKTINFO: our address and the device. */
  readonly control: Uint8Array;
}

/** Undefined when one of the addresses is none. */
export function bfdDestination({
  address,
  localAddress,
  interfaceIndex,
}: BfdPath): BfdDestination | undefined {
  const to = anyAddress(BFD_PORT);
  if (!parseIp6(address, 0, address.length, to, 8)) return undefined;
  if (to[8] === 0xfe && ((to[9] ?? 0) & 0xc0) === 0x80)
    new DataView(to.buffer).setUint32(24, interfaceIndex, true);
  const control = encodeControl({ source: localAddress, hopLimit: undefined, interfaceIndex });
  return control === undefined ? undefined : { interfaceIndex, to, control };
}

/**
 * By the octet of state and flags (RFC 5880 section 4.1): the second socket gets packets that say no more than that all is
 * well (Up, neither Poll nor Final), the first one all others.
 */
const ROUTINE_APART = encodeBpf([
  [BPF.LOAD_OCTET, 0, 0, 1],
  [BPF.AND, 0, 0, 0xf0],
  [BPF.IF_EQUAL, 0, 1, 0xc0],
  [BPF.RETURN, 0, 0, 1],
  [BPF.RETURN, 0, 0, 0],
]);

/**
 * The sockets of single-hop BFD over IPv6 (RFC 5881), for all sessions: two receive on port 3784 and tell interface and
 * hop limit of each packet, one sends from a port of the range that the RFC asks for. Packets of a session that stays up
 * wake nobody: they lie at a socket of their own until {@link BfdSocket.drain}, and their stamps tell when they came. One source
 * port serves all sessions, since nobody tells them apart by it: interface, address and discriminator do.
 */
export class BfdSocket implements AsyncDisposable {
  readonly #receiver: NativeSocket;
  readonly #routine: NativeSocket;
  readonly #sender: NativeSocket;
  readonly #options: BfdSocketOptions;
  readonly #buffer = new Uint8Array(SLOT * BATCH_MAX);
  readonly #meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
  /** What is read now came after this. */
  #drainedMs: number;
  #open = true;

  /** @throws NetlinkError EADDRINUSE when something else on this machine speaks BFD; NativeLoadError without the addon. */
  static open(options: BfdSocketOptions): BfdSocket {
    return new BfdSocket(options);
  }

  private constructor(options: BfdSocketOptions) {
    this.#options = options;
    this.#drainedMs = options.now();
    const { Socket } = native();
    this.#receiver = new Socket(AF_INET6, SOCK_DGRAM, 0);
    this.#routine = new Socket(AF_INET6, SOCK_DGRAM, 0);
    this.#sender = new Socket(AF_INET6, SOCK_DGRAM, 0);
    try {
      for (const socket of [this.#receiver, this.#routine]) {
        set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        set(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        set(socket, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
        set(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1);
        // The first takes the port alone, so that somebody else's BFD is an error; only then it is shared.
        if (socket === this.#routine) set(socket, SOL_SOCKET, SO_REUSEPORT, 1);
        const bound = socket.bind(anyAddress(BFD_PORT));
        if (bound < 0) throw new NetlinkError(-bound, `UDP port ${BFD_PORT}`);
        if (socket === this.#receiver) set(socket, SOL_SOCKET, SO_REUSEPORT, 1);
      }
      const shared = this.#receiver.share(ROUTINE_APART);
      if (shared < 0) throw new NetlinkError(-shared, "BFD socket program");
      const polled = this.#receiver.poll(() => this.drain());
      if (polled < 0) throw new NetlinkError(-polled);
      set(this.#sender, IPPROTO_IPV6, IPV6_V6ONLY, 1);
      set(this.#sender, IPPROTO_IPV6, IPV6_UNICAST_HOPS, HOP_LIMIT);
      set(this.#sender, IPPROTO_IPV6, IPV6_TCLASS, NETWORK_CONTROL);
      // Nothing is read from it: whatever somebody sends there is dropped at once.
      set(this.#sender, SOL_SOCKET, SO_RCVBUF, 0);
      bindSomewhere(this.#sender, options.random);
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** 0, or the errno for which a packet did not leave. */
  send({ to, control }: BfdDestination, packet: BfdControl): number {
    if (!this.#open) return ERRNO.EBADF;
    const sent = this.#sender.send(encodeBfd(packet), to, control);
    return sent < 0 ? -sent : 0;
  }

  /** Reads what has come. To be called before silence is believed, and often enough that nothing is lost meanwhile. */
  drain(): void {
    const nowMs = this.#options.now();
    // What is routine came before what ended it.
    for (const socket of [this.#routine, this.#receiver]) this.#read(socket, nowMs);
    this.#drainedMs = nowMs;
  }

  #read(socket: NativeSocket, nowMs: number): void {
    for (let round = 0; round < ROUNDS && this.#open; round++) {
      const count = socket.recv(this.#buffer, SLOT, this.#meta);
      for (let slot = 0; slot < count && this.#open; slot++) this.#take(slot, nowMs);
      if (count < BATCH_MAX) return;
    }
  }

  #take(slot: number, nowMs: number): void {
    const start = slot * SLOT;
    const length = this.#meta[slot * META_PER_SLOT] ?? 0;
    const controlLength = this.#meta[slot * META_PER_SLOT + 2] ?? 0;
    const { hopLimit, interfaceIndex, timestampNs } = readControl(this.#buffer, start, controlLength);
    if (hopLimit !== HOP_LIMIT) return;
    const at = start + SLOT_DATA_OFFSET;
    const decoded = decodeBfd(this.#buffer.subarray(at, at + length));
    if (!decoded.ok) return;
    this.#options.receive({
      source: formatIp6(this.#buffer, start + 8),
      interfaceIndex,
      packet: decoded.packet,
      // A wall clock that was set in between makes nothing older than the last reading.
      atMs: Math.max(this.#drainedMs, nowMs - ageUs(timestampNs) / 1000),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  #close(): void {
    this.#open = false;
    this.#receiver.close();
    this.#routine.close();
    this.#sender.close();
  }
}

function set(socket: NativeSocket, level: number, name: number, value: number): void {
  const result = socket.setsockopt(level, name, value);
  if (result < 0) throw new NetlinkError(-result, `BFD socket option ${level}/${name}`);
}

/** struct sockaddr_in6 of the unspecified address. */
function anyAddress(port: number): Uint8Array<ArrayBuffer> {
  const address = new Uint8Array(28);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port);
  return address;
}

/** A port of the range that is free, beginning anywhere in it. */
function bindSomewhere(socket: NativeSocket, random: () => number): void {
  const start = Math.floor(random() * SOURCE_PORTS.count);
  for (let i = 0; i < SOURCE_PORTS.count; i++) {
    const port = SOURCE_PORTS.first + ((start + i) % SOURCE_PORTS.count);
    const result = socket.bind(anyAddress(port));
    if (result === 0) return;
    if (result !== -ERRNO.EADDRINUSE) throw new NetlinkError(-result, "UDP source port");
  }
  throw new NetlinkError(ERRNO.EADDRINUSE, "every UDP port from 49152 on is taken");
}
