import { NetlinkDecodeError } from "../wire/netlink/errors.ts";
import { decodeMessages, type NetlinkMessage } from "../wire/netlink/message.ts";
import { NetlinkError } from "./netlink-error.ts";
import { NetlinkPort } from "./netlink-port.ts";

export type NetlinkEvent =
  /** The payload's bytes are valid only during the call. */
  | { readonly kind: "message"; readonly message: NetlinkMessage }
  /** Notifications were lost (ENOBUFS): whoever keeps a copy of kernel state dumps it anew. */
  | { readonly kind: "overrun" };

/** Reads at most this many batches before other work gets its turn; what is left makes the socket readable again. */
const ROUNDS = 64;

/** Notifications of some multicast groups, until disposed of. Made by NetlinkSocket.subscribe(). */
export class NetlinkSubscription implements Disposable {
  readonly #port: NetlinkPort;
  readonly #listener: (event: NetlinkEvent) => void;
  readonly #ended: () => void;

  constructor(groups: readonly number[], listener: (event: NetlinkEvent) => void, ended: () => void) {
    this.#listener = listener;
    this.#ended = ended;
    this.#port = new NetlinkPort(() => this.#read());
    try {
      for (const group of groups) this.#port.join(group);
    } catch (error) {
      this.#port[Symbol.dispose]();
      throw error;
    }
  }

  #read(): void {
    try {
      for (let round = 0; round < ROUNDS && this.#port.isOpen; round++) {
        const datagrams = this.#port.read();
        if (datagrams.length === 0) return;
        for (const datagram of datagrams)
          for (const message of decodeMessages(datagram))
            if (this.#port.isOpen) this.#listener({ kind: "message", message });
      }
    } catch (error) {
      // Lost or unreadable: the one remedy is the same.
      if (!(error instanceof NetlinkError || error instanceof NetlinkDecodeError)) throw error;
      this.#listener({ kind: "overrun" });
    }
  }

  [Symbol.dispose](): void {
    this.#port[Symbol.dispose]();
    this.#ended();
  }
}
