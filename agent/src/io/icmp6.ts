import {
  BATCH_MAX,
  BEAT_WORDS,
  META_PER_SLOT,
  type NativeSocket,
  native,
  SLOT_DATA_OFFSET,
} from "../../native/load.ts";
import {
  decodeIcmp6,
  ECHO_HEADER,
  encodeEchoRequest,
  ICMP6_TYPE,
  Icmp6DecodeError,
  type Icmp6Message,
} from "../wire/icmp6.ts";
import { formatIp6, parseIp6 } from "../wire/netlink/ip-text.ts";
import { BPF, encodeBpf } from "./bpf.ts";
import { encodeControl, readControl } from "./icmp6-control.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";
import { bindTo, makeRoom, must, OverflowWatch } from "./raw-socket.ts";

const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_IPV6 = 41;
const SOL_SOCKET = 1;
const SO_TIMESTAMPNS = 35;
const ICMP6_FILTER = 1;
const IPV6_MTU_DISCOVER = 23;
const IPV6_PMTUDISC_PROBE = 3;
const IPV6_FLOWINFO_SEND = 33;
const IPV6_RECVPKTINFO = 49;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_DONTFRAG = 62;
const IPV6_AUTOFLOWLABEL = 70;

const IPV6_HEADER = 40;
/** Octets of the IPv6 packet when no size is asked for: the same as ping(8). */
const DEFAULT_SIZE = 104;
/** Longest message read; errors are at most 1280 octets, of longer replies the rest is dropped. */
const SLOT = SLOT_DATA_OFFSET + 1536;
const ROUNDS = 16;
/** Of a socket that is read now and then. */
const QUIET_ROUNDS = 256;
const ROOM = 1 << 20;
/** No identifier: they have 16 bit. */
const NO_ID = 0x10000;
const HEARD: readonly number[] = [
  ICMP6_TYPE.ECHO_REPLY,
  ICMP6_TYPE.TIME_EXCEEDED,
  ICMP6_TYPE.UNREACHABLE,
  ICMP6_TYPE.PACKET_TOO_BIG,
];
/** struct sockaddr_in6. */
const SOCKADDR = 28;
const NOTHING = new Uint8Array(0);
/** Of a family that there is not: what goes there does not leave (EAFNOSUPPORT). */
const NOBODY = new Uint8Array(SOCKADDR).fill(0xff, 0, 2);

/** An echo request to send. */
export interface EchoRequest {
  readonly destination: string;
  /** One of this machine's addresses; the kernel chooses otherwise. */
  readonly source?: string;
  /** 1 to 255; the route's default otherwise. */
  readonly hopLimit?: number;
  /** 20 bit; 0 sends none. */
  readonly flowLabel?: number;
  readonly id: number;
  readonly sequence: number;
  /** Octets of the whole IPv6 packet, at least 48; never fragmented. */
  readonly size?: number;
  /** Index of the device to leave by; 0 leaves it to the routes. Needed for a link-local destination. */
  readonly interface?: number;
}

export interface ReceivedIcmp6 {
  readonly source: string;
  /** As it arrived here. */
  readonly hopLimit: number;
  readonly interfaceIndex: number;
  /** When the kernel received it, nanoseconds of the wall clock (SO_TIMESTAMPNS). */
  readonly timestampNs: bigint;
  /** Its bytes are valid only during the call. */
  readonly message: Icmp6Message;
}

/** How often: each target once in `ticks` ticks. */
export interface Beat {
  readonly ticks: number;
  readonly tickUs: number;
}

/** An echo that has left, or could not. */
export interface SentEcho {
  /** Index among those that are asked. */
  readonly target: number;
  readonly sequence: number;
  /** 0: it has left. */
  readonly errno: number;
  /** How long ago, microseconds. */
  readonly ageUs: number;
}

export interface Icmp6Choice {
  /** Identifiers, first and last, of the echoes whose answers are heard; all otherwise. */
  readonly ids?: readonly [first: number, last: number];
  /** One among them that is not. */
  readonly but?: number;
  /** ICMP6_TYPE of what is heard; echo replies and all errors otherwise. */
  readonly types?: readonly number[];
  /** Reads only when {@link Icmp6Socket.drain} is called. */
  readonly quiet?: boolean;
  /** Hears only what comes to this address, whether or not the machine has it yet. */
  readonly address?: string;
  /** Octets that unread messages may take. */
  readonly room?: number;
}

/** A raw ICMPv6 socket for echoes and the errors they meet (RFC 3542). Needs CAP_NET_RAW. */
export class Icmp6Socket implements AsyncDisposable {
  readonly #socket: NativeSocket;
  readonly #receive: (received: ReceivedIcmp6) => void;
  readonly #buffer = new Uint8Array(SLOT * BATCH_MAX);
  readonly #meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
  readonly #rounds: number;
  readonly #overflow: OverflowWatch;
  readonly #lines = new Int32Array(BEAT_WORDS * 64);
  #open = true;

  /** @throws NetlinkError when the kernel gives no such socket; NativeLoadError without the addon. */
  static open(receive: (received: ReceivedIcmp6) => void, choice: Icmp6Choice = {}): Icmp6Socket {
    return new Icmp6Socket(receive, choice);
  }

  private constructor(receive: (received: ReceivedIcmp6) => void, choice: Icmp6Choice) {
    const { ids, but, types = HEARD, quiet = false, address, room = ROOM } = choice;
    this.#receive = receive;
    this.#rounds = quiet ? QUIET_ROUNDS : ROUNDS;
    this.#socket = new (native().Socket)(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    this.#overflow = new OverflowWatch(this.#socket);
    try {
      const set = (level: number, name: number, value: number | Uint8Array): void => {
        const result = this.#socket.setsockopt(level, name, value);
        if (result < 0) throw new NetlinkError(-result, `ICMPv6 socket option ${level}/${name}`);
      };
      set(IPPROTO_ICMPV6, ICMP6_FILTER, passOnly(types));
      set(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
      set(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
      set(SOL_SOCKET, SO_TIMESTAMPNS, 1);
      makeRoom(this.#socket, room);
      set(IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1);
      set(IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0);
      // A probe measures the path: sent at its full size whatever path MTU was learned, never cut up.
      set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
      set(IPPROTO_IPV6, IPV6_DONTFRAG, 1);
      if (ids !== undefined) must(this.#socket.filter(answersOf(ids, but)), "ICMPv6 socket filter");
      if (address !== undefined) bindTo(this.#socket, address);
      if (!quiet)
        must(
          this.#socket.poll(() => this.drain()),
          "ICMPv6 socket",
        );
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** Sends one echo request. Returns 0, or the positive errno of why it did not leave (ENETUNREACH, EMSGSIZE, …). */
  send(request: EchoRequest): number {
    const prepared = prepareEcho(request);
    return prepared === undefined ? ERRNO.EINVAL : this.#sendPrepared(prepared, request.sequence);
  }

  #sendPrepared({ message, address, control }: PreparedEcho, sequence: number): number {
    message[6] = sequence >> 8;
    message[7] = sequence;
    const sent = this.#socket.send(message, address, control);
    return sent < 0 ? -sent : 0;
  }

  /** Whether messages were dropped since the last look because nobody had read those before. */
  overflowed(): boolean {
    return this.#overflow.overflowed();
  }

  /**
   * Sends an echo to each of these again and again, all with the payload and source of the first, without waking anybody. Those
   * told before end. Throws NetlinkError.
   */
  beat(echoes: readonly (PreparedEcho | undefined)[], sequence: number, { ticks, tickUs }: Beat): void {
    const { message = NOTHING, control = NOTHING } = echoes.find((echo) => echo !== undefined) ?? {};
    const addresses = new Uint8Array(echoes.length * SOCKADDR);
    for (const [i, echo] of echoes.entries()) addresses.set(echo?.address ?? NOBODY, i * SOCKADDR);
    const result = this.#socket.beat(message, addresses, control, sequence & 0xffff, ticks, tickUs);
    if (result < 0) throw new NetlinkError(-result, "echoes by a timer");
  }

  /** Tells what {@link beat} has sent since it was asked the last time, oldest first. */
  beats(sent: (echo: SentEcho) => void): void {
    for (;;) {
      const count = this.#socket.beats(this.#lines);
      for (let i = 0; i < count * BEAT_WORDS; i += BEAT_WORDS) {
        const [target = 0, sequence = 0, errno = 0, ageUs = 0] = this.#lines.subarray(i, i + BEAT_WORDS);
        sent({ target, sequence, errno, ageUs });
      }
      if (count * BEAT_WORDS < this.#lines.length) return;
    }
  }

  /** Reads what has come. To be called before silence is believed: after a stop of this process answers lie unread. */
  drain(): void {
    for (let round = 0; round < this.#rounds && this.#open; round++) {
      const count = this.#socket.recv(this.#buffer, SLOT, this.#meta);
      for (let i = 0; i < count && this.#open; i++) this.#take(i);
      if (count < BATCH_MAX) return;
    }
  }

  #take(slot: number): void {
    const start = slot * SLOT;
    const length = this.#meta[slot * META_PER_SLOT] ?? 0;
    const controlLength = this.#meta[slot * META_PER_SLOT + 2] ?? 0;
    const data = this.#buffer.subarray(start + SLOT_DATA_OFFSET, start + SLOT_DATA_OFFSET + length);
    let message: Icmp6Message;
    try {
      message = decodeIcmp6(data);
    } catch (error) {
      if (error instanceof Icmp6DecodeError) return; // somebody's malformed packet; not ours to answer
      throw error;
    }
    const facts = readControl(this.#buffer, start, controlLength);
    this.#receive({ source: formatIp6(this.#buffer, start + 8), ...facts, message });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    this.#socket.close();
  }
}

/** A packet is read within so long, or the wall clock was set in between and says nothing. */
const MAX_AGE_US = 10_000_000;

/** How long ago a packet was received, microseconds: what an agent that is busy reads late was not late on its way. */
export function ageUs(timestampNs: bigint): number {
  const age = Number(native().realtimeNs() - timestampNs) / 1000;
  return age >= 0 && age <= MAX_AGE_US ? age : 0;
}

/** Octets of an echo request for whoever sends many to one target. */
export interface PreparedEcho {
  readonly message: Uint8Array;
  readonly address: Uint8Array;
  readonly control: Uint8Array;
}

/** Undefined where an address is none. */
export function prepareEcho(request: Omit<EchoRequest, "sequence">): PreparedEcho | undefined {
  const { destination, source, hopLimit, flowLabel = 0, id, size = DEFAULT_SIZE } = request;
  const device = request.interface ?? 0;
  const address = new Uint8Array(SOCKADDR);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint32(4, flowLabel & 0xfffff);
  if (!parseIp6(destination, 0, destination.length, address, 8)) return undefined;
  if (address[8] === 0xfe && ((address[9] ?? 0) & 0xc0) === 0x80) view.setUint32(24, device, true);
  const control = encodeControl({ source, hopLimit, interfaceIndex: device });
  if (control === undefined) return undefined;
  const payload = new Uint8Array(Math.max(0, size - IPV6_HEADER - ECHO_HEADER));
  return { message: encodeEchoRequest(id, 0, payload), address, control };
}

/** On a message: of echo replies (RFC 4443 section 4.2) those of these identifiers, and whatever is none. */
function answersOf([first, last]: readonly [number, number], but: number | undefined): Uint8Array {
  return encodeBpf([
    [BPF.LOAD_OCTET, 0, 0, 0],
    [BPF.IF_EQUAL, 0, 4, ICMP6_TYPE.ECHO_REPLY],
    [BPF.LOAD_HALF, 0, 0, 4],
    [BPF.IF_GREATER_OR_EQUAL, 0, 3, first],
    [BPF.IF_GREATER, 2, 0, last],
    [BPF.IF_EQUAL, 1, 0, but ?? NO_ID],
    [BPF.RETURN, 0, 0, 0xffff],
    [BPF.RETURN, 0, 0, 0],
  ]);
}

/** struct icmp6_filter: a bit for each type, set where it is kept back (Linux; RFC 3542 section 3.2). */
function passOnly(types: readonly number[]): Uint8Array {
  const filter = new Uint8Array(32).fill(0xff);
  const view = new DataView(filter.buffer);
  for (const type of types) {
    const word = (type >> 5) * 4;
    view.setUint32(word, view.getUint32(word, true) & ~(1 << (type & 31)), true);
  }
  return filter;
}
