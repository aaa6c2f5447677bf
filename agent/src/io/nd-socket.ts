import { BATCH_MAX, META_PER_SLOT, type NativeSocket, native, SLOT_DATA_OFFSET } from "../../native/load.ts";
import { NEIGHBOUR_ADVERTISEMENT } from "../wire/neighbour-discovery.ts";
import { formatIp6, isLinkLocal } from "../wire/netlink/ip-text.ts";
import { ND_TYPE } from "../wire/router-advertisement.ts";
import { encodeControl, readControl } from "./icmp6-control.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";
import { AF_INET6, must, socketAddress } from "./raw-socket.ts";

const SOCK_RAW = 3;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_IPV6 = 41;
const ICMP6_FILTER = 1;
const IPV6_RECVPKTINFO = 49;
const IPV6_RECVHOPLIMIT = 51;
/** RFC 4861 sections 6.1 and 7.1: what was forwarded is not from the link. */
const HOP_LIMIT = 255;
const SLOT = SLOT_DATA_OFFSET + 1536;

export interface ReceivedNd {
  readonly source: string;
  readonly interfaceIndex: number;
  /** From the type octet on; valid only during the call. */
  readonly bytes: Uint8Array;
}

/** Hears router and neighbour advertisements of this machine's links, and solicits them. Needs CAP_NET_RAW. */
export class NdSocket implements AsyncDisposable {
  readonly #socket: NativeSocket;
  readonly #receive: (received: ReceivedNd) => void;
  readonly #buffer = new Uint8Array(SLOT * BATCH_MAX);
  readonly #meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
  #open = true;

  /** @throws NetlinkError when the kernel gives no such socket; NativeLoadError without the addon. */
  constructor(receive: (received: ReceivedNd) => void) {
    this.#receive = receive;
    this.#socket = new (native().Socket)(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    try {
      must(this.#socket.setsockopt(IPPROTO_ICMPV6, ICMP6_FILTER, heard()), "ICMPv6 filter");
      must(this.#socket.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1), "packet info");
      must(this.#socket.setsockopt(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1), "hop limit");
      must(
        this.#socket.poll(() => this.#drain()),
        "ICMPv6 socket",
      );
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** To a multicast group of one link. @throws NetlinkError when it does not leave. */
  send(message: Uint8Array, group: string, interfaceIndex: number): void {
    const address = socketAddress(group);
    const control = encodeControl({ source: undefined, hopLimit: HOP_LIMIT, interfaceIndex });
    if (address === undefined || control === undefined) throw new NetlinkError(ERRNO.EINVAL, group);
    new DataView(address.buffer).setUint32(24, interfaceIndex, true);
    must(this.#socket.send(message, address, control), `solicitation to ${group}`);
  }

  #drain(): void {
    for (;;) {
      if (!this.#open) return;
      const count = this.#socket.recv(this.#buffer, SLOT, this.#meta);
      for (let i = 0; i < count && this.#open; i++) this.#take(i);
      if (count < BATCH_MAX) return;
    }
  }

  #take(slot: number): void {
    const start = slot * SLOT;
    const length = this.#meta[slot * META_PER_SLOT] ?? 0;
    const { hopLimit, interfaceIndex } = readControl(
      this.#buffer,
      start,
      this.#meta[slot * META_PER_SLOT + 2] ?? 0,
    );
    const source = formatIp6(this.#buffer, start + 8);
    const bytes = this.#buffer.subarray(start + SLOT_DATA_OFFSET, start + SLOT_DATA_OFFSET + length);
    if (hopLimit !== HOP_LIMIT) return;
    // RFC 4861 section 6.1.2: routers advertise from link-local addresses.
    if (bytes[0] === ND_TYPE.ROUTER_ADVERTISEMENT && !isLinkLocal(source)) return;
    this.#receive({ source, interfaceIndex, bytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    this.#socket.close();
  }
}

/** struct icmp6_filter: a bit for each type that is kept back (RFC 3542 section 3.2). */
function heard(): Uint8Array {
  const filter = new Uint8Array(32).fill(0xff);
  const view = new DataView(filter.buffer);
  for (const type of [ND_TYPE.ROUTER_ADVERTISEMENT, NEIGHBOUR_ADVERTISEMENT]) {
    const word = (type >> 5) * 4;
    view.setUint32(word, view.getUint32(word, true) & ~(1 << (type & 31)), true);
  }
  return filter;
}
