import {
  BATCH_MAX,
  META_PER_SLOT,
  type NativeSocket,
  SLOT_CONTROL_OFFSET,
  SLOT_DATA_OFFSET,
} from "../../native/load.ts";
import { ERRNO } from "./netlink-error.ts";

/** What became of a packet: 0 or a positive errno, and when it was handed to the kernel (process.hrtime(), microseconds). */
export type Sent<T> = (tag: T, errno: number, atUs: number) => void;

/** Packets that leave together, by one call into the addon. Each is told of once it was handed to the kernel. */
export class SendBatch<T> {
  readonly #socket: NativeSocket;
  readonly #sent: Sent<T>;
  readonly #slot: number;
  readonly #buffer: Uint8Array;
  readonly #meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
  readonly #stamps = new Float64Array(BATCH_MAX);
  #tags: T[] = [];

  /** @param longest octets of the longest packet. */
  constructor(socket: NativeSocket, longest: number, sent: Sent<T>) {
    this.#socket = socket;
    this.#sent = sent;
    this.#slot = SLOT_DATA_OFFSET + ((longest + 7) & ~7);
    this.#buffer = new Uint8Array(this.#slot * BATCH_MAX);
  }

  /** Copies all of it; sends when there are many. */
  add(tag: T, packet: Uint8Array, address: Uint8Array, control?: Uint8Array): void {
    if (packet.length > this.#slot - SLOT_DATA_OFFSET) {
      this.#sent(tag, ERRNO.EINVAL, 0);
      return;
    }
    const at = this.#tags.length;
    const start = at * this.#slot;
    this.#buffer.set(address, start);
    if (control !== undefined) this.#buffer.set(control, start + SLOT_CONTROL_OFFSET);
    this.#buffer.set(packet, start + SLOT_DATA_OFFSET);
    this.#meta[at * META_PER_SLOT] = packet.length;
    this.#meta[at * META_PER_SLOT + 1] = address.length;
    this.#meta[at * META_PER_SLOT + 2] = control?.length ?? 0;
    this.#tags.push(tag);
    if (this.#tags.length === BATCH_MAX) this.flush();
  }

  flush(): void {
    const tags = this.#tags;
    if (tags.length === 0) return;
    this.#tags = [];
    const failed = this.#socket.sendAll(this.#buffer, this.#slot, this.#meta, this.#stamps, tags.length);
    tags.forEach((tag, i) => {
      const result = failed < 0 ? failed : (this.#meta[i * META_PER_SLOT + 3] ?? -ERRNO.EINVAL);
      this.#sent(tag, result < 0 ? -result : 0, this.#stamps[i] ?? 0);
    });
  }
}
