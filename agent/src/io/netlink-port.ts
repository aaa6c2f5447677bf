import { META_PER_SLOT, type NativeSocket, native, SLOT_DATA_OFFSET } from "../../native/load.ts";
import { ERRNO, NetlinkError, NetlinkTransportError } from "./netlink-error.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;

/** linux/netlink.h */
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
export const NETLINK_GENERIC = 16;

const MSG_TRUNC = 0x20;

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;

const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

/** The kernel fills at most 32 KiB a datagram of a dump (netlink_dump). */
const SLOT = 32 * 1024 + SLOT_DATA_OFFSET;
const SLOTS = 8;
const SEND_BUFFER = 1 << 20;
const RECEIVE_BUFFER = 8 << 20;

/** One bound netlink socket: bytes out, datagrams in. What they mean is not known here. */
export class NetlinkPort implements Disposable {
  readonly #socket: NativeSocket;
  readonly #buffer = new Uint8Array(SLOT * SLOTS);
  readonly #meta = new Int32Array(META_PER_SLOT * SLOTS);
  #open = true;
  /** Datagrams were lost; the poll has already taken the socket's error. */
  #lost = false;

  /**
   * @param readable called when there may be something to read; it must read until nothing is left.
   * @param protocol NETLINK_ROUTE unless said otherwise.
   * @throws NetlinkError when the kernel gives no such socket; NativeLoadError without the addon.
   */
  constructor(readable: () => void, protocol = NETLINK_ROUTE) {
    this.#socket = new (native().Socket)(AF_NETLINK, SOCK_RAW, protocol);
    try {
      this.#option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
      this.#option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
      this.#option(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
      this.#buffers();
      const any = new Uint8Array(12);
      any[0] = AF_NETLINK;
      check(this.#socket.bind(any));
      check(
        this.#socket.poll((status) => {
          if (status < 0) this.#lost = true;
          readable();
        }),
      );
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#open;
  }

  #option(level: number, name: number, value: number): void {
    check(this.#socket.setsockopt(level, name, value));
  }

  /** Past net.core.{r,w}mem_max where CAP_NET_ADMIN allows, else up to them. */
  #buffers(): void {
    if (this.#socket.setsockopt(SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER) < 0)
      this.#option(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
    if (this.#socket.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER) < 0)
      this.#option(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
  }

  /** Joins a multicast group (RTNLGRP_*). */
  join(group: number): void {
    this.#option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  }

  /** Octets sent, or a negative errno. The kernel has done all of it when this returns. */
  send(bytes: Uint8Array): number {
    return this.#socket.send(bytes);
  }

  /**
   * Hands a copy to the socket's own thread, which sends one after another.
   * @throws NetlinkError, ENOBUFS when it takes none (there is no such thread, no memory).
   */
  post(bytes: Uint8Array): void {
    const posted = this.#socket.post(bytes);
    if (posted < 0)
      throw new NetlinkError(ERRNO.ENOBUFS, "a send was not taken", { cause: new NetlinkError(-posted) });
  }

  /** How many posts are not done. One that failed is among those no more. */
  get posted(): number {
    return Math.max(0, this.#socket.sent());
  }

  /** @throws NetlinkError, ENOBUFS when a post could not be sent: it and those behind it were dropped. */
  checkPosted(): void {
    const sent = this.#socket.sent();
    if (sent < 0) throw new NetlinkError(ERRNO.ENOBUFS, "a send failed", { cause: new NetlinkError(-sent) });
  }

  /**
   * Datagrams that are there now, from the kernel; their bytes are valid until the next read. Empty when there are none.
   * @throws NetlinkError, ENOBUFS when some were lost.
   */
  read(): Uint8Array[] {
    if (!this.#open) throw new NetlinkTransportError("the netlink socket is closed");
    if (this.#lost) {
      this.#lost = false;
      throw new NetlinkError(ERRNO.ENOBUFS);
    }
    const count = this.#socket.recv(this.#buffer, SLOT, this.#meta);
    if (count === -ERRNO.EAGAIN || count === -ERRNO.EINTR) return [];
    if (count < 0) throw new NetlinkError(-count);
    const datagrams: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const flags = this.#meta[i * META_PER_SLOT + 3] ?? 0;
      if ((flags & MSG_TRUNC) !== 0) throw new NetlinkError(ERRNO.ENOBUFS, "datagram longer than the buffer");
      const start = i * SLOT;
      // sockaddr_nl: family, padding, nl_pid. Other processes may write to us; only port 0 is the kernel.
      const port = this.#buffer.subarray(start + 4, start + 8);
      if (port.every((octet) => octet === 0)) {
        const data = start + SLOT_DATA_OFFSET;
        datagrams.push(this.#buffer.subarray(data, data + (this.#meta[i * META_PER_SLOT] ?? 0)));
      }
    }
    return datagrams;
  }

  /** Reads and forgets whatever is left. */
  drain(): void {
    this.#lost = false;
    for (let round = 0; this.#open && round < 10_000; round++) {
      const count = this.#socket.recv(this.#buffer, SLOT, this.#meta);
      if (count <= 0 && count !== -ERRNO.ENOBUFS && count !== -ERRNO.EINTR) return;
    }
  }

  [Symbol.dispose](): void {
    this.#open = false;
    this.#socket.close();
  }
}

function check(result: number): void {
  if (result < 0) throw new NetlinkError(-result);
}
