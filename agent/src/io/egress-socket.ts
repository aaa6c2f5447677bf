import { type NativeSocket, native } from "../../native/load.ts";
import { FIRST_EGRESS_PORT, FIRST_PORT } from "../core/trace/flow-identity.ts";
import { type Evidence, identifyIcmp6, identifyTcp } from "../core/trace/identify.ts";
import { ICMP6_TYPE } from "../wire/icmp6.ts";
import { type ClockPair, isStep, readClocks } from "./clock-pair.ts";
import { Icmp6Socket } from "./icmp6.ts";
import { encodeControl } from "./icmp6-control.ts";
import { AF_INET6, must } from "./raw-socket.ts";
import { RawTcpSocket } from "./raw-tcp.ts";
import { SendBatch, type Sent } from "./send-batch.ts";

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_DGRAM = 2;
const IPPROTO_RAW = 255;
const IPPROTO_IPV6 = 41;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const IPV6_MTU_DISCOVER = 23;
const IPV6_PMTUDISC_PROBE = 3;
const IPV6_FLOWINFO_SEND = 33;
const ETH_P_IPV6 = 0x86dd;
/** Octets for what has come and was not read, and for what waits in a device's queue. */
const ROOM = 8 << 20;
const SEND_ROOM = 4 << 20;

/** Where a packet is handed over without asking routes: a neighbour on one device. */
export interface LinkTarget {
  readonly interfaceIndex: number;
  readonly linkAddress: Uint8Array;
}

export interface EgressSocketOptions<T> {
  /** Of all probes. */
  readonly source: string;
  /** Octets of the longest packet. */
  readonly longest: number;
  /** Whether answers of TCP are to be heard. */
  readonly tcp: boolean;
  readonly sent: Sent<T>;
  /** Tells of everything that may be an answer; `atUs` is when the kernel received it (process.hrtime(), microseconds), `hopLimit` what it came with. */
  readonly received: (evidence: Evidence, atUs: number, hopLimit: number) => void;
}

export interface EgressReading {
  /** Answers that came since the reading before may have been dropped, or have no time that could be trusted. */
  readonly doubtful: "overflow" | "clock-step" | undefined;
}

/**
 * Probes out, answers in. Packets leave whole, with our own IPv6 header: by the kernel's routes (IPPROTO_RAW, raw(7)), or straight
 * to a neighbour (packet(7)). Answers wait in the kernel, which stamped them, until somebody reads: nobody is woken. Needs
 * CAP_NET_RAW; CAP_NET_ADMIN for buffers as large as wanted.
 */
export class EgressSocket<T> implements AsyncDisposable {
  readonly #options: EgressSocketOptions<T>;
  readonly #raw: NativeSocket;
  readonly #routed: SendBatch<T>;
  readonly #control: Uint8Array;
  readonly #icmp6: Icmp6Socket;
  readonly #tcp: RawTcpSocket | undefined;
  #packet: NativeSocket | undefined;
  #linked: SendBatch<T> | undefined;
  #clocks: ClockPair = readClocks();

  /** @throws NetlinkError; an Error with the code EPERM without CAP_NET_RAW; NativeLoadError without the addon. */
  static open<T>(options: EgressSocketOptions<T>): EgressSocket<T> {
    return new EgressSocket(options);
  }

  private constructor(options: EgressSocketOptions<T>) {
    const { source, longest, tcp, sent } = options;
    this.#options = options;
    this.#control = encodeControl({ source, hopLimit: undefined, interfaceIndex: 0 }) ?? new Uint8Array();
    this.#raw = new (native().Socket)(AF_INET6, SOCK_RAW, IPPROTO_RAW);
    let icmp6: Icmp6Socket | undefined;
    try {
      must(this.#raw.setsockopt(SOL_SOCKET, SO_RCVBUF, 0), "raw socket: receive buffer");
      must(this.#raw.setsockopt(IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1), "raw socket: flow label");
      // As large as the device takes, whatever path MTU was learned: it is what we measure.
      must(this.#raw.setsockopt(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE), "raw socket: MTU");
      this.#raw.setsockopt(SOL_SOCKET, SO_SNDBUFFORCE, SEND_ROOM); // what there is must do otherwise
      this.#routed = new SendBatch(this.#raw, longest, sent);
      const quiet = { quiet: true, address: source, room: ROOM } as const;
      const last = FIRST_PORT - 1;
      icmp6 = Icmp6Socket.open(
        ({ source: from, timestampNs, hopLimit, message }) =>
          this.#heard(identifyIcmp6(from, message), timestampNs, hopLimit),
        {
          ...quiet,
          ids: [FIRST_EGRESS_PORT, last],
          types: [ICMP6_TYPE.ECHO_REPLY, ICMP6_TYPE.UNREACHABLE, ICMP6_TYPE.PACKET_TOO_BIG],
        },
      );
      this.#icmp6 = icmp6;
      if (tcp)
        this.#tcp = new RawTcpSocket(
          { ...quiet, ports: [FIRST_EGRESS_PORT, last] },
          ({ source: from, timestampNs, hopLimit, segment }) =>
            this.#heard(identifyTcp(from, segment), timestampNs, hopLimit),
        );
    } catch (error) {
      this.#raw.close();
      void icmp6?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The packet leaves with the next flush() at the latest: where its header says. */
  send(tag: T, packet: Uint8Array): void {
    const to = new Uint8Array(28); // struct sockaddr_in6
    to[0] = AF_INET6;
    to[3] = packet[6] ?? 0; // for IPPROTO_RAW the protocol that routes and rules see, in network order
    to.set(packet.subarray(1, 4), 5); // flow label: it may choose among our own next hops
    to[5] = (to[5] ?? 0) & 0x0f;
    to.set(packet.subarray(24, 40), 8);
    this.#routed.add(tag, packet, to, this.#control);
  }

  /** The same, to a neighbour. @throws NetlinkError when the kernel gives no socket for it. */
  sendTo(tag: T, packet: Uint8Array, { interfaceIndex, linkAddress }: LinkTarget): void {
    const to = new Uint8Array(20); // struct sockaddr_ll
    const view = new DataView(to.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, ETH_P_IPV6);
    view.setInt32(4, interfaceIndex, true);
    to[11] = Math.min(8, linkAddress.length);
    to.set(linkAddress.subarray(0, 8), 12);
    this.#links().add(tag, packet, to);
  }

  flush(): void {
    this.#routed.flush();
    this.#linked?.flush();
  }

  /** Hands out what has come. To be called before silence is believed. */
  read(): EgressReading {
    const before = this.#clocks;
    const overflow = this.#icmp6.overflowed() || (this.#tcp?.overflowed() ?? false);
    this.#clocks = readClocks();
    const step = isStep(before, this.#clocks);
    this.#muted = step;
    this.#icmp6.drain();
    this.#tcp?.drain();
    this.#muted = false;
    return { doubtful: step ? "clock-step" : overflow ? "overflow" : undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#raw.close();
    this.#packet?.close();
    await this.#icmp6[Symbol.asyncDispose]();
    await this.#tcp?.[Symbol.asyncDispose]();
  }

  /** Stamps of this reading mean nothing: what has come is let go of. */
  #muted = false;

  #heard(evidence: Evidence | undefined, timestampNs: bigint, hopLimit: number): void {
    if (evidence === undefined || this.#muted) return;
    const { monotonicUs, realtimeNs } = this.#clocks;
    this.#options.received(evidence, monotonicUs - Number(realtimeNs - timestampNs) / 1000, hopLimit);
  }

  /** Protocol 0: this socket hears nothing, and the kernel keeps no copy of anything for it. */
  #links(): SendBatch<T> {
    if (this.#linked !== undefined) return this.#linked;
    this.#packet = new (native().Socket)(AF_PACKET, SOCK_DGRAM, 0);
    this.#packet.setsockopt(SOL_SOCKET, SO_SNDBUFFORCE, SEND_ROOM);
    this.#linked = new SendBatch(this.#packet, this.#options.longest, this.#options.sent);
    return this.#linked;
  }
}
