import { type NativeSocket, native } from "../../native/load.ts";
import { FIRST_PORT } from "../core/trace/flow-identity.ts";
import { type Evidence, identifyIcmp6, identifyTcp } from "../core/trace/identify.ts";
import { formatIp6 } from "../wire/netlink/ip-text.ts";
import { Icmp6Socket } from "./icmp6.ts";
import { encodeControl } from "./icmp6-control.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";
import { RawTcpSocket } from "./raw-tcp.ts";

const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const IPPROTO_IPV6 = 41;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPV6_MTU_DISCOVER = 23;
const IPV6_PMTUDISC_PROBE = 3;
const IPV6_FLOWINFO_SEND = 33;
/** A stamp that is older, or of the future: the wall clock was set meanwhile. Microseconds. */
const STAMP_MAX_AGE_US = 10_000_000;

/** Identifiers, and ports, of traces. */
const OURS = { ids: [FIRST_PORT, 0xffff] } as const;

export interface TraceSocketOptions {
  /** Tells of everything that may be an answer; `atUs` is when the kernel received it, by `nowUs`. */
  readonly receive: (evidence: Evidence, atUs: number) => void;
  /** Monotonic, microseconds. */
  readonly nowUs: () => number;
}

/**
 * Sends probes whole, with our own IPv6 header (IPPROTO_RAW, raw(7)), so that flow label and checksum are ours, and hears
 * the ICMPv6 and TCP that answers them. Needs CAP_NET_RAW.
 *
 * One thing is not ours: where this very machine has several equal next hops and hashes ports
 * (net.ipv6.fib_multipath_hash_policy = 1), the kernel knows none of a raw packet, and all flows leave by one next hop. With
 * policy 0 (the default) the flow label counts.
 */
export class TraceSocket implements AsyncDisposable {
  readonly #options: TraceSocketOptions;
  readonly #sender: NativeSocket;
  readonly #icmp6: Icmp6Socket;
  #tcp: RawTcpSocket | undefined;

  /** @throws NetlinkError; an Error with the code EPERM without CAP_NET_RAW; NativeLoadError without the addon. */
  static open(options: TraceSocketOptions): TraceSocket {
    return new TraceSocket(options);
  }

  private constructor(options: TraceSocketOptions) {
    this.#options = options;
    this.#sender = new (native().Socket)(AF_INET6, SOCK_RAW, IPPROTO_RAW);
    try {
      const set = (level: number, name: number, value: number): void => {
        const result = this.#sender.setsockopt(level, name, value);
        if (result < 0) throw new NetlinkError(-result, `raw socket option ${level}/${name}`);
      };
      set(SOL_SOCKET, SO_RCVBUF, 0);
      set(IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1);
      // As large as the device takes, whatever path MTU was learned: it is what we measure.
      set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
      this.#icmp6 = Icmp6Socket.open(({ source, timestampNs, message }) => {
        const evidence = identifyIcmp6(source, message);
        if (evidence !== undefined) options.receive(evidence, this.#receivedUs(timestampNs));
      }, OURS);
    } catch (error) {
      this.#sender.close();
      throw error;
    }
  }

  /** From now on answers of TCP are heard as well. */
  hearTcp(): void {
    this.#tcp ??= new RawTcpSocket({ ports: OURS.ids }, ({ source, timestampNs, segment }) =>
      this.#options.receive(identifyTcp(source, segment), this.#receivedUs(timestampNs)),
    );
  }

  /** Sends one IPv6 packet, as its header says. Returns 0, or the positive errno of why it did not leave. */
  send(packet: Uint8Array): number {
    const to = new Uint8Array(28); // struct sockaddr_in6
    const view = new DataView(to.buffer);
    view.setUint16(0, AF_INET6, true);
    view.setUint16(2, packet[6] ?? 0); // for IPPROTO_RAW the protocol that routes and rules see
    to.set(packet.subarray(1, 4), 5); // flow label: it may choose among our own next hops
    to[5] = (to[5] ?? 0) & 0x0f;
    to.set(packet.subarray(24, 40), 8);
    const control = encodeControl({ source: formatIp6(packet, 8), hopLimit: undefined, interfaceIndex: 0 });
    if (control === undefined) return ERRNO.EINVAL;
    const sent = this.#sender.send(packet, to, control);
    return sent < 0 ? -sent : 0;
  }

  /** Reads what has come. To be called before silence is believed. */
  drain(): void {
    this.#icmp6.drain();
    this.#tcp?.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sender.close();
    await this.#icmp6[Symbol.asyncDispose]();
    await this.#tcp?.[Symbol.asyncDispose]();
  }

  /** How long ago the kernel says it was, by the clock it says it in; so a step of that clock in between does no harm. */
  #receivedUs(timestampNs: bigint): number {
    const ageUs = Number(native().realtimeNs() - timestampNs) / 1000;
    const nowUs = this.#options.nowUs();
    return ageUs >= 0 && ageUs <= STAMP_MAX_AGE_US ? nowUs - ageUs : nowUs;
  }
}
