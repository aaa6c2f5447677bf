import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { ADDON } from "./paths.ts";

/** Layout of one receive slot, as in transfer.c: source address, then control messages, then data. */
export const SLOT_CONTROL_OFFSET = 32;
export const SLOT_DATA_OFFSET = 32 + 256;
/** Words of `meta` a slot: data length, address length, control length, MSG_* flags. */
export const META_PER_SLOT = 4;
/** Slots one recv() fills at most. */
export const BATCH_MAX = 64;
/** Words of a line of beats(). */
export const BEAT_WORDS = 4;
/** Lines that beats() has at most. */
export const BEAT_LINES = 1024;
/** Sends that post() takes before it says EAGAIN. */
export const POSTED_MAX = 8;

/** A non-blocking socket. Every result below zero is a negative errno. */
export interface NativeSocket {
  bind(address: Uint8Array): number;
  setsockopt(level: number, name: number, value: number | Uint8Array): number;
  /** Drops what a classic BPF program (struct sock_filter of linux/filter.h, 8 octets each) returns 0 for. */
  filter(instructions: Uint8Array): number;
  /**
   * Has such a program choose among the sockets bound with SO_REUSEPORT to the same port: it returns the number of one,
   * in the order in which they were bound. It sees a packet from behind the UDP header on.
   */
  share(instructions: Uint8Array): number;
  /** sendmsg(2); returns octets sent. */
  send(data: Uint8Array, address?: Uint8Array, control?: Uint8Array): number;
  /**
   * sendmsg(2) of the first `count` slots, laid out as those of recv(). Of each, `meta` then has octets sent or a negative
   * errno as its fourth word, and `stamps` the time just before it was sent: process.hrtime(), microseconds. At most
   * BATCH_MAX. Returns 0 whatever became of them.
   */
  sendAll(
    buffer: Uint8Array,
    slotSize: number,
    meta: Int32Array,
    stamps: Float64Array,
    count: number,
  ): number;
  /**
   * Copies `data`; a thread of the socket's own sends it, one post after another. Needs poll(). -EAGAIN when POSTED_MAX
   * are not done. A failed send calls back, and drops those behind it.
   */
  post(data: Uint8Array): number;
  /** How many posts are not done; or the negative errno of one that failed, told once. */
  sent(): number;
  /**
   * Writes three words (SO_MEMINFO): memory that unread datagrams take, how much they may take, and how many were dropped since
   * the socket was made, for want of room or because they were damaged. Returns 0.
   */
  backlog(words: Int32Array): number;
  /** recvmmsg(2) into slots of `slotSize` octets; returns datagrams received. */
  recv(buffer: Uint8Array, slotSize: number, meta: Int32Array): number;
  /**
   * From now on sends `message`, an echo request, to each of `addresses` (struct sockaddr_in6, 28 octets each, one behind the
   * other) once in `ticks` ticks of `tickUs`, evenly spread over them: from a timer of its own, without waking JavaScript. The
   * numbers of the echoes follow `sequence`. What was told before ends, and what it sent and was not asked for is forgotten; without addresses that is all.
   */
  beat(
    message: Uint8Array,
    addresses: Uint8Array,
    control: Uint8Array,
    sequence: number,
    ticks: number,
    tickUs: number,
  ): number;
  /**
   * What was sent since, oldest first, each once; returns the lines written, of BEAT_WORDS words: index of the address, number of
   * the echo, errno of why it did not leave or 0, microseconds ago. With BEAT_LINES not asked for, nothing more is sent.
   */
  beats(lines: Int32Array): number;
  /**
   * The memory of the ring that setsockopt(PACKET_RX_RING) made, shared with the kernel; a negative errno otherwise. close()
   * detaches it.
   */
  map(length: number): ArrayBuffer | number;
  /** 1 when the kernel has handed over the ring's block at this offset, else 0. */
  blockReady(offset: number): number;
  /** Gives a block back to the kernel. */
  blockDone(offset: number): number;
  /** getsockopt(2) into `value`; returns octets written. */
  getsockopt(level: number, name: number, value: Uint8Array): number;
  /** Calls back with 0 when readable, or with a pending socket error. Keeps the process alive until close(). */
  poll(callback: (status: number) => void): number;
  /** Idempotent; no callback comes after it. */
  close(): void;
}

export interface Native {
  readonly Socket: new (domain: number, type: number, protocol: number) => NativeSocket;
  /** CLOCK_REALTIME, nanoseconds: the clock of SO_TIMESTAMPNS. */
  readonly realtimeNs: () => bigint;
  /**
   * Unmaps the pages of programs and libraries that nobody can have written to (madvise(2) MADV_DONTNEED): what is used
   * is mapped again when it is. Gives free heap back, too. Returns octets of address space.
   */
  readonly releasePages: () => number;
  /**
   * Zeros of at least so many octets, in pages of 2 MB where the kernel has them (madvise(2) MADV_HUGEPAGE). A page that was never
   * touched takes no memory. A negative errno otherwise.
   */
  readonly largePages: (octets: number) => ArrayBuffer | number;
}

/** Thrown when the addon is not there or does not load. */
export class NativeLoadError extends VsixError<"native-missing"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("native-missing", message, options);
    this.name = "NativeLoadError";
  }
}

let loaded: Native | undefined;

/**
 * The addon, loaded at first use.
 * @throws NativeLoadError when it has not been compiled for this machine.
 */
export function native(): Native {
  if (loaded !== undefined) return loaded;
  if (!existsSync(ADDON))
    throw new NativeLoadError(`${ADDON} is missing: run \`npm run native\` (needs gcc) on this machine`);
  try {
    loaded = createRequire(import.meta.url)(ADDON) as Native;
  } catch (cause) {
    throw new NativeLoadError(`${ADDON} does not load: run \`npm run native\` again`, { cause });
  }
  return loaded;
}
