import type { NativeSocket } from "../../native/load.ts";
import { parseIp6 } from "../wire/netlink/ip-text.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";

/** What raw sockets of several protocols have in common. */

export const AF_INET6 = 10;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IPV6 = 41;
const IPV6_FREEBIND = 78;

/** @throws NetlinkError for a result below zero. */
export function must(result: number, what: string): void {
  if (result < 0) throw new NetlinkError(-result, what);
}

/** Room for unread datagrams: more than net.core.rmem_max where we may (CAP_NET_ADMIN), else as much as that. */
export function makeRoom(socket: NativeSocket, octets: number): void {
  if (socket.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE, octets) >= 0) return;
  must(socket.setsockopt(SOL_SOCKET, SO_RCVBUF, octets), "receive buffer");
}

/** struct sockaddr_in6. Undefined when the address is none. */
export function socketAddress(address: string): Uint8Array | undefined {
  const bytes = new Uint8Array(28);
  new DataView(bytes.buffer).setUint16(0, AF_INET6, true);
  return parseIp6(address, 0, address.length, bytes, 8) ? bytes : undefined;
}

/** To an address that this machine has, or will have. */
export function bindTo(socket: NativeSocket, address: string): void {
  const bytes = socketAddress(address);
  must(socket.setsockopt(IPPROTO_IPV6, IPV6_FREEBIND, 1), "free bind");
  must(bytes === undefined ? -ERRNO.EINVAL : socket.bind(bytes), `bind to ${address}`);
}

/** Of the room for unread datagrams, so much was taken when one more did not fit: the largest are far smaller than the rest. */
const NEARLY_ALL = 0.75;

/**
 * Knows when a socket dropped what came because it was full. The kernel counts damaged datagrams with them, which anybody may
 * send; but only when it is full nothing fits, and only its owner makes room.
 */
export class OverflowWatch {
  readonly #socket: NativeSocket;
  readonly #words = new Int32Array(3);
  #dropped = 0;

  constructor(socket: NativeSocket) {
    this.#socket = socket;
  }

  /** To be asked before each reading: whether something was dropped since the last time. */
  overflowed(): boolean {
    if (this.#socket.backlog(this.#words) < 0) return false;
    const [waiting = 0, room = 0, dropped = 0] = this.#words;
    const more = dropped !== this.#dropped;
    this.#dropped = dropped;
    return more && waiting >= room * NEARLY_ALL;
  }
}
