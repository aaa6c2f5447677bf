import { setImmediate, setTimeout } from "node:timers/promises";
import { NLM_F, NLMSG } from "../wire/netlink/constants.ts";
import { NetlinkEncodeError } from "../wire/netlink/errors.ts";
import { decodeMessages, decodeVerdict, type NetlinkMessage } from "../wire/netlink/message.ts";
import { NetlinkWriter } from "../wire/netlink/writer.ts";
import { ERRNO, NetlinkError, NetlinkTransportError } from "./netlink-error.ts";
import { type NetlinkEvent, NetlinkSubscription } from "./netlink-events.ts";
import { NetlinkPort } from "./netlink-port.ts";

/** Writes one request; adds its own NLM_F_CREATE and so on to `flags`. */
export type Encode = (writer: NetlinkWriter, flags: number, sequence: number) => void;
/** Writes request `index` of a batch. May throw NetlinkError or NetlinkEncodeError, which becomes that one's failure. */
export type EncodeAt = (writer: NetlinkWriter, flags: number, sequence: number, index: number) => void;

/** A send is closed when it holds this many octets or messages: one system call for hundreds of routes. */
const CHUNK_OCTETS = 48 * 1024;
const CHUNK_MESSAGES = 512;
/** After an overrun, so few that their refusals fit any receive buffer. */
const CHUNK_MESSAGES_CAREFUL = 16;
const DUMP_ATTEMPTS = 8;
const SEND_ATTEMPTS = 8;
/** Milliseconds before a send that found no memory is tried again. */
const SEND_RETRY_MS = 5;

/** rtnetlink in this process's network namespace. Operations queue up; one is under way at a time. */
export class NetlinkSocket implements AsyncDisposable {
  readonly #port: NetlinkPort;
  readonly #writer = new NetlinkWriter(2 * CHUNK_OCTETS);
  readonly #subscriptions = new Set<NetlinkSubscription>();
  #sequence = 1;
  #queue: Promise<unknown> = Promise.resolve();
  #busy = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** @throws NetlinkError, NativeLoadError */
  static open(): NetlinkSocket {
    return new NetlinkSocket();
  }

  private constructor() {
    this.#port = new NetlinkPort(() => {
      if (this.#waiting !== undefined) this.#waiting.resolve();
      else if (!this.#busy) this.#port.drain(); // late answers to an operation that was aborted
    });
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
    await this.#send();
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
   * Sends `count` requests, hundreds a system call, each chunk awaited before the next. Returns what failed, by index;
   * everything else was done. After an overrun of the receive buffer a chunk is sent again, so a create may find its
   * own object (EEXIST) and a delete find nothing.
   * @throws NetlinkTransportError, the signal's reason.
   */
  batch(count: number, encode: EncodeAt, signal?: AbortSignal): Promise<ReadonlyMap<number, NetlinkError>> {
    return this.#exclusive(async () => {
      const failures = new Map<number, NetlinkError>();
      let limit = CHUNK_MESSAGES;
      for (let next = 0; next < count; ) {
        signal?.throwIfAborted();
        const chunk = this.#fill(next, count, limit, encode, failures);
        try {
          if (chunk.indexes.length > 0) await this.#deliver(chunk, failures, signal);
        } catch (error) {
          if (
            !(error instanceof NetlinkError) ||
            error.errno !== ERRNO.ENOBUFS ||
            limit === CHUNK_MESSAGES_CAREFUL
          )
            throw error;
          limit = CHUNK_MESSAGES_CAREFUL;
          this.#port.drain();
          continue;
        }
        next = chunk.next;
        if (next < count) await setImmediate(); // the event loop's other work
      }
      return failures;
    });
  }

  #fill(
    from: number,
    count: number,
    limit: number,
    encode: EncodeAt,
    failures: Map<number, NetlinkError>,
  ): Chunk {
    const writer = this.#writer;
    const first = this.#take(limit);
    const indexes: number[] = [];
    let last = 0;
    let next = from;
    writer.clear();
    for (; next < count && indexes.length < limit && writer.length < CHUNK_OCTETS; next++) {
      const start = writer.length;
      try {
        encode(writer, NLM_F.REQUEST, first + indexes.length, next);
        indexes.push(next);
        last = start;
      } catch (error) {
        writer.rewind(start);
        failures.set(next, asRefusal(error));
      }
    }
    if (indexes.length > 0) writer.addFlags(last, NLM_F.ACK);
    return { first, indexes, next };
  }

  /** Sends a chunk and reads up to the verdict on its last message; refusals come without being asked for. */
  async #deliver(
    chunk: Chunk,
    failures: Map<number, NetlinkError>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#send();
    for (;;) {
      for (const message of await this.#receive(signal)) {
        const place = message.sequence - chunk.first;
        const index = chunk.indexes[place];
        if (index === undefined || message.type !== NLMSG.ERROR) continue;
        const verdict = decodeVerdict(message);
        if (verdict.errno !== 0) failures.set(index, new NetlinkError(verdict.errno, verdict.message));
        else failures.delete(index);
        if (place === chunk.indexes.length - 1) return;
      }
    }
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

  async #send(): Promise<void> {
    const bytes = this.#writer.bytes();
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
  async #receive(signal: AbortSignal | undefined): Promise<Iterable<NetlinkMessage>> {
    for (;;) {
      signal?.throwIfAborted();
      const datagrams = this.#port.read();
      if (datagrams.length > 0) return messagesOf(datagrams);
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

function* messagesOf(datagrams: readonly Uint8Array[]): Generator<NetlinkMessage, void, undefined> {
  for (const datagram of datagrams) yield* decodeMessages(datagram);
}

/** Messages of one send. */
interface Chunk {
  /** Sequence number of the first. */
  readonly first: number;
  /** Batch index of each. */
  readonly indexes: readonly number[];
  /** Batch index to go on with. */
  readonly next: number;
}

function asRefusal(error: unknown): NetlinkError {
  if (error instanceof NetlinkError) return error;
  if (error instanceof NetlinkEncodeError)
    return new NetlinkError(ERRNO.EINVAL, error.message, { cause: error });
  throw error;
}
