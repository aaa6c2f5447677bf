import { BATCH_MAX, META_PER_SLOT, type NativeSocket, native, SLOT_DATA_OFFSET } from "../../native/load.ts";
import { NEIGHBOUR_ADVERTISEMENT } from "../wire/neighbour-discovery.ts";
import { formatIp6, isLinkLocal } from "../wire/netlink/ip-text.ts";
import { ND_TYPE } from "../wire/router-advertisement.ts";
import { encodeControl, readControl } from "./icmp6-control.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";
import { AF_INET6, must, socketAddress } from "./raw-socket.ts";

const SOCK_RAW = 3;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_IPV6 = 41;
const ICMP6_FILTER = 1;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_JOIN_GROUP = 20;
const IPV6_RECVPKTINFO = 49;
const IPV6_RECVHOPLIMIT = 51;
/** RFC 4861 sections 6.1 and 7.1: what was forwarded is not from the link. */
const HOP_LIMIT = 255;
const ALL_ROUTERS = "ff02::2";
const ADVERTISEMENTS: readonly number[] = [ND_TYPE.ROUTER_ADVERTISEMENT, NEIGHBOUR_ADVERTISEMENT];
const FLOOD_MS = 1000;
const SLOT = SLOT_DATA_OFFSET + 1536;

export interface ReceivedNd {
  readonly source: string;
  readonly interfaceIndex: number;
  /** From the type octet on; valid only during the call. */
  readonly bytes: Uint8Array;
}

export interface NdOptions {
  /** Of messages that are heard. Default: advertisements of routers and neighbours. */
  readonly types?: readonly number[];
  /** Only this link's, and its all-routers group (RFC 4291 section 2.7.1) is listened to. Default: all. */
  readonly device?: { readonly name: string; readonly index: number };
  /** Messages a second; after more nothing is heard for a second: the kernel drops it before it costs anything. Default: no limit. */
  readonly limit?: number;
  /** There were more. */
  readonly onFlood?: () => void;
}

/** Hears neighbour discovery on this machine's links, and speaks it. Needs CAP_NET_RAW. */
export class NdSocket implements AsyncDisposable {
  readonly #socket: NativeSocket;
  readonly #receive: (received: ReceivedNd) => void;
  readonly #buffer = new Uint8Array(SLOT * BATCH_MAX);
  readonly #meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
  readonly #options: NdOptions;
  #open = true;
  #heard = 0;
  /** Since when they are counted, or nothing is heard; monotonic, milliseconds. */
  #sinceMs = performance.now();
  #deaf: NodeJS.Timeout | undefined;

  /** @throws NetlinkError when the kernel gives no such socket; NativeLoadError without the addon. */
  constructor(receive: (received: ReceivedNd) => void, options: NdOptions = {}) {
    this.#receive = receive;
    this.#options = options;
    this.#socket = new (native().Socket)(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    try {
      this.#listen(options.types ?? ADVERTISEMENTS);
      if (options.device !== undefined) this.#bindTo(options.device);
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

  /** To a multicast group of one link; from the source that the kernel chooses if none is given. @throws NetlinkError when it does not leave. */
  send(message: Uint8Array, group: string, interfaceIndex: number, source?: string): void {
    const address = socketAddress(group);
    const control = encodeControl({ source, hopLimit: HOP_LIMIT, interfaceIndex });
    if (address === undefined || control === undefined) throw new NetlinkError(ERRNO.EINVAL, group);
    new DataView(address.buffer).setUint32(24, interfaceIndex, true);
    must(this.#socket.send(message, address, control), `message to ${group}`);
  }

  #listen(types: readonly number[]): void {
    must(this.#socket.setsockopt(IPPROTO_ICMPV6, ICMP6_FILTER, filterOf(types)), "ICMPv6 filter");
  }

  /** What is sent here is not heard here. */
  #bindTo({ name, index }: NonNullable<NdOptions["device"]>): void {
    must(this.#socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`)), `bind to ${name}`);
    must(this.#socket.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0), "multicast loop");
    // struct ipv6_mreq: group, index.
    const group = new Uint8Array(20);
    group.set(socketAddress(ALL_ROUTERS)?.subarray(8, 24) ?? []);
    new DataView(group.buffer).setUint32(16, index, true);
    must(this.#socket.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, group), `${ALL_ROUTERS} on ${name}`);
  }

  #drain(): void {
    for (;;) {
      if (!this.#open) return;
      const count = this.#socket.recv(this.#buffer, SLOT, this.#meta);
      if (count > 0 && this.#isFlood(count)) {
        if (count < BATCH_MAX) return;
        continue;
      }
      for (let i = 0; i < count && this.#open; i++) this.#take(i);
      if (count < BATCH_MAX) return;
    }
  }

  #isFlood(count: number): boolean {
    const { limit, onFlood } = this.#options;
    if (limit === undefined) return false;
    if (this.#deaf !== undefined) return true;
    const nowMs = performance.now();
    if (nowMs - this.#sinceMs >= FLOOD_MS) {
      this.#sinceMs = nowMs;
      this.#heard = 0;
    }
    this.#heard += count;
    if (this.#heard <= limit) return false;
    this.#listen([]);
    this.#deaf = setTimeout(() => {
      this.#deaf = undefined;
      if (this.#open) this.#listen(this.#options.types ?? ADVERTISEMENTS);
    }, FLOOD_MS);
    this.#deaf.unref();
    onFlood?.();
    // What has come up to the limit is looked at.
    return false;
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
    clearTimeout(this.#deaf);
    this.#socket.close();
  }
}

/** struct icmp6_filter: a bit for each type that is kept back (RFC 3542 section 3.2). */
function filterOf(types: readonly number[]): Uint8Array {
  const filter = new Uint8Array(32).fill(0xff);
  const view = new DataView(filter.buffer);
  for (const type of types) {
    const word = (type >> 5) * 4;
    view.setUint32(word, view.getUint32(word, true) & ~(1 << (type & 31)), true);
  }
  return filter;
}
