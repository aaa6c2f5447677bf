import { setImmediate, setTimeout } from "node:timers/promises";
import { NLM_F, NLMSG } from "../wire/netlink/constants.ts";
import { NetlinkEncodeError } from "../wire/netlink/errors.ts";
import { decodeVerdict, type NetlinkMessage } from "../wire/netlink/message.ts";
import { NetlinkWriter } from "../wire/netlink/writer.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";
import type { NetlinkPort } from "./netlink-port.ts";

/** Writes request `index` of a batch. May throw NetlinkError or NetlinkEncodeError, which becomes that one's failure. */
export type EncodeAt = (writer: NetlinkWriter, flags: number, sequence: number, index: number) => void;

/** What a batch needs of the socket that it has to itself. */
export interface BatchSocket {
  readonly port: Pick<NetlinkPort, "isOpen" | "post" | "posted" | "drain">;
  /** Sequence numbers for so many messages; the first. */
  readonly take: (count: number) => number;
  /** Sends in this thread, again and again while the kernel has no memory. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Messages that are there, or that come. @throws NetlinkError, ENOBUFS when some were lost or a post failed. */
  readonly receive: (signal: AbortSignal | undefined) => Promise<readonly NetlinkMessage[]>;
}

/** A send is closed when it holds this many octets or messages: one system call for hundreds of routes. */
const CHUNK_OCTETS = 48 * 1024;
const CHUNK_MESSAGES = 512;
/** Chunks that the kernel has and has not answered: it works on one while the next ones are encoded. */
const WINDOW = 4;
/** After an overrun or a failed send: one chunk at a time, so small that its refusals fit any receive buffer. */
const CAREFUL_MESSAGES = 16;
/** Chunks after which other work of the event loop gets its turn, however fast the kernel answers. */
const TURN = 4;
/** Milliseconds between two looks at whether the socket's thread is done. */
const QUIET_POLL_MS = 1;

/** Messages of one send. */
interface Chunk {
  /** Sequence number of the first. */
  readonly first: number;
  /** Batch index of each. */
  readonly indexes: readonly number[];
  /** Batch indexes that it covers, with those that could not be encoded: `from` up to, not including, `next`. */
  readonly from: number;
  readonly next: number;
}

/** One batch under way. See NetlinkSocket.batch(). */
export class NetlinkBatch {
  readonly #socket: BatchSocket;
  readonly #count: number;
  readonly #encode: EncodeAt;
  readonly #signal: AbortSignal | undefined;
  readonly #writer = new NetlinkWriter(2 * CHUNK_OCTETS);
  readonly #failures = new Map<number, NetlinkError>();
  /** Sent and not answered, oldest first. */
  readonly #window: Chunk[] = [];
  #next = 0;
  #careful = false;

  constructor(socket: BatchSocket, count: number, encode: EncodeAt, signal: AbortSignal | undefined) {
    this.#socket = socket;
    this.#count = count;
    this.#encode = encode;
    this.#signal = signal;
  }

  async run(): Promise<ReadonlyMap<number, NetlinkError>> {
    try {
      for (let sends = 1; this.#next < this.#count || this.#window.length > 0; sends++) {
        this.#signal?.throwIfAborted();
        try {
          await this.#step();
        } catch (error) {
          if (!(error instanceof NetlinkError) || error.errno !== ERRNO.ENOBUFS || this.#careful) throw error;
          await this.#goBack();
        }
        if (sends % TURN === 0) await setImmediate();
      }
      return this.#failures;
    } finally {
      if (this.#window.length > 0) await this.#quiet(); // whoever comes next has the socket to itself
    }
  }

  /** Sends one more chunk if it may, and takes in what the kernel has said; waits for that only when it may not. */
  async #step(): Promise<void> {
    const depth = this.#careful ? 1 : WINDOW;
    if (this.#next < this.#count && this.#window.length < depth) {
      const chunk = this.#fill();
      this.#next = chunk.next;
      if (chunk.indexes.length > 0) {
        this.#window.push(chunk);
        // A thread is not worth its while for what fits one send.
        const alone = this.#careful || (chunk.from === 0 && chunk.next === this.#count);
        if (alone) await this.#socket.send(this.#writer.bytes());
        else this.#socket.port.post(this.#writer.bytes());
      }
      if (this.#next < this.#count && this.#window.length < depth) return;
    }
    if (this.#window.length > 0) this.#takeIn(await this.#socket.receive(this.#signal));
  }

  #fill(): Chunk {
    const from = this.#next;
    const limit = this.#careful ? CAREFUL_MESSAGES : CHUNK_MESSAGES;
    const writer = this.#writer;
    const first = this.#socket.take(limit);
    const indexes: number[] = [];
    let last = 0;
    let next = from;
    writer.clear();
    for (; next < this.#count && indexes.length < limit && writer.length < CHUNK_OCTETS; next++) {
      const start = writer.length;
      try {
        this.#encode(writer, NLM_F.REQUEST, first + indexes.length, next);
        indexes.push(next);
        last = start;
      } catch (error) {
        writer.rewind(start);
        this.#failures.set(next, asRefusal(error));
      }
    }
    if (indexes.length > 0) writer.addFlags(last, NLM_F.ACK);
    return { first, indexes, from, next };
  }

  /** Refusals come without being asked for; the verdict on a chunk's last message, which was, says that all is done. */
  #takeIn(messages: readonly NetlinkMessage[]): void {
    for (const message of messages) {
      if (message.type !== NLMSG.ERROR) continue;
      const { sequence } = message;
      const at = this.#window.findIndex(
        ({ first, indexes }) => sequence >= first && sequence < first + indexes.length,
      );
      const chunk = this.#window[at];
      const index = chunk?.indexes[sequence - chunk.first];
      if (chunk === undefined || index === undefined) continue;
      const verdict = decodeVerdict(message);
      if (verdict.errno !== 0) this.#failures.set(index, new NetlinkError(verdict.errno, verdict.message));
      else this.#failures.delete(index);
      // Chunks are done in order, and an answer that was lost is an error of the socket (ENOBUFS).
      if (sequence === chunk.first + chunk.indexes.length - 1) this.#window.splice(0, at + 1);
    }
  }

  /** Answers were lost, or a send was: everything from the first chunk without its answer on is sent again. */
  async #goBack(): Promise<void> {
    this.#careful = true;
    await this.#quiet();
    this.#next = this.#window[0]?.from ?? this.#next;
    this.#window.length = 0;
  }

  /** Waits until the socket's thread has nothing to send, and forgets the answers. */
  async #quiet(): Promise<void> {
    const { port } = this.#socket;
    while (port.isOpen && port.posted > 0) await setTimeout(QUIET_POLL_MS);
    port.drain();
  }
}

function asRefusal(error: unknown): NetlinkError {
  if (error instanceof NetlinkError) return error;
  if (error instanceof NetlinkEncodeError)
    return new NetlinkError(ERRNO.EINVAL, error.message, { cause: error });
  throw error;
}
