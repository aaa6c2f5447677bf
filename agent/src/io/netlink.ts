import { setTimeout } from "node:timers/promises";
import { NLM_F, NLMSG } from "../wire/netlink/constants.ts";
import { decodeMessages, decodeVerdict, type NetlinkMessage } from "../wire/netlink/message.ts";
import { NetlinkWriter } from "../wire/netlink/writer.ts";
import { type EncodeAt, NetlinkBatch } from "./netlink-batch.ts";
import { ERRNO, NetlinkError, NetlinkTransportError } from "./netlink-error.ts";
import { type NetlinkEvent, NetlinkSubscription } from "./netlink-events.ts";
import { NETLINK_ROUTE, NetlinkPort } from "./netlink-port.ts";

/** Writes one request; adds its own NLM_F_CREATE and so on to `flags`. */
export type Encode = (writer: NetlinkWriter, flags: number, sequence: number) => void;

const DUMP_ATTEMPTS = 8;
const SEND_ATTEMPTS = 8;
/** Milliseconds before a send that found no memory is tried again. */
const SEND_RETRY_MS = 5;

/** rtnetlink, or another protocol of netlink, in this process's network namespace. Operations queue up; one is under way at a time. */
export class NetlinkSocket implements AsyncDisposable {
  readonly #port: NetlinkPort;
  readonly #writer = new NetlinkWriter();
  readonly #subscriptions = new Set<NetlinkSubscription>();
  #sequence = 1;
  #queue: Promise<unknown> = Promise.resolve();
  #busy = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** @throws NetlinkError, NativeLoadError */
  static open(protocol = NETLINK_ROUTE): NetlinkSocket {
    return new NetlinkSocket(protocol);
  }

  private constructor(protocol: number) {
    this.#port = new NetlinkPort(() => {
      if (this.#waiting !== undefined) this.#waiting.resolve();
      else if (!this.#busy) this.#port.drain(); // late answers to an operation that was aborted
    }, protocol);
  }

  /** One request. @throws NetlinkError when the kernel refuses it. */
  async request(encode: Encode, signal?: AbortSignal): Promise<void> {
    const failures = await this.batch(1, encode, signal);
    const failure = failures.get(0);
    if (failure !== undefined) throw failure;
  }

  /**
   * Asks for all objects of a kind. `decode` sees each message once, in a buffer that is used again afterwards; undefined
   * leaves it out. Begun anew when the kernel says that the set changed under it.
   * @throws NetlinkError; EINTR when it kept changing.
   */
  dump<T>(
    encode: Encode,
    decode: (message: NetlinkMessage) => T | undefined,
    signal?: AbortSignal,
  ): Promise<T[]> {
    return this.#exclusive(async () => {
      for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
        const objects = await this.#dumpOnce(encode, decode, signal);
        if (objects !== undefined) return objects;
        this.#port.drain(); // the rest of a dump that was given up
        await setTimeout(attempt, undefined, { signal });
      }
      throw new NetlinkError(ERRNO.EINTR, "the dump was interrupted again and again");
    });
  }

  async #dumpOnce<T>(
    encode: Encode,
    decode: (message: NetlinkMessage) => T | undefined,
    signal: AbortSignal | undefined,
  ): Promise<T[] | undefined> {
    signal?.throwIfAborted();
    const sequence = this.#take(1);
    this.#writer.clear();
    encode(this.#writer, NLM_F.REQUEST | NLM_F.DUMP, sequence);
    await this.#send(this.#writer.bytes());
    const objects: T[] = [];
    let interrupted = false;
    for (;;) {
      for (const message of await this.#receive(signal)) {
        if (message.sequence !== sequence) continue;
        if ((message.flags & NLM_F.DUMP_INTR) !== 0) interrupted = true;
        if (message.type === NLMSG.DONE || message.type === NLMSG.ERROR) {
          const verdict = decodeVerdict(message);
          // A dump whose caller gave it up is still under way on this socket.
          if (verdict.errno === ERRNO.EBUSY) return undefined;
          if (verdict.errno !== 0) throw new NetlinkError(verdict.errno, verdict.message);
          return interrupted ? undefined : objects;
        }
        const object = decode(message);
        if (object !== undefined) objects.push(object);
      }
    }
  }

  /**
   * Sends `count` requests, hundreds a system call and a few such sends at once; the kernel does them in order, in a
   * thread of the socket's own. Returns what failed, by index; everything else was done. After an overrun of the
   * receive buffer what has no answer is sent again, so a create may find its own object (EEXIST) and a delete find
   * nothing.
   * @throws NetlinkTransportError, the signal's reason.
   */
  batch(count: number, encode: EncodeAt, signal?: AbortSignal): Promise<ReadonlyMap<number, NetlinkError>> {
    return this.#exclusive(() =>
      new NetlinkBatch(
        {
          port: this.#port,
          take: (messages) => this.#take(messages),
          send: (bytes) => this.#send(bytes),
          receive: (until) => this.#receive(until),
        },
        count,
        encode,
        signal,
      ).run(),
    );
  }

  /** Notifications of multicast groups (RTNLGRP_*), on a socket of their own, until disposed of. */
  subscribe(groups: readonly number[], listener: (event: NetlinkEvent) => void): NetlinkSubscription {
    const subscription = new NetlinkSubscription(groups, listener, () =>
      this.#subscriptions.delete(subscription),
    );
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Sequence numbers for `count` messages; never 0, which notifications have. */
  #take(count: number): number {
    if (this.#sequence + count > 0x7fffffff) this.#sequence = 1;
    const first = this.#sequence;
    this.#sequence += count;
    return first;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const sent = this.#port.send(bytes);
      if (sent === bytes.length) return;
      const transient =
        sent === -ERRNO.ENOBUFS || sent === -ERRNO.EAGAIN || sent === -ERRNO.ENOMEM || sent === -ERRNO.EINTR;
      if (!transient || attempt === SEND_ATTEMPTS)
        throw new NetlinkTransportError("cannot send to the kernel", {
          cause: sent < 0 ? new NetlinkError(-sent) : undefined,
        });
      await setTimeout(SEND_RETRY_MS);
    }
  }

  /** Messages of the datagrams that are there, or that come. */
  async #receive(signal: AbortSignal | undefined): Promise<readonly NetlinkMessage[]> {
    for (;;) {
      signal?.throwIfAborted();
      this.#port.checkPosted();
      const datagrams = this.#port.read();
      if (datagrams.length > 0) return datagrams.flatMap(decodeMessages);
      await this.#readable(signal);
    }
  }

  async #readable(signal: AbortSignal | undefined): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    const abort = (): void => waiting.reject(signal?.reason);
    this.#waiting = waiting;
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await waiting.promise;
    } finally {
      this.#waiting = undefined;
      signal?.removeEventListener("abort", abort);
    }
  }

  #exclusive<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      if (!this.#port.isOpen) throw new NetlinkTransportError("the netlink socket is closed");
      this.#busy = true;
      try {
        return await operation();
      } finally {
        this.#busy = false;
      }
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Ends everything under way with NetlinkTransportError. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#port[Symbol.dispose]();
    this.#waiting?.reject(new NetlinkTransportError("the netlink socket was closed"));
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    await this.#queue;
  }
}
