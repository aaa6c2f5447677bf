import { AF_INET6, NLM_F, NTF_USE, NUD_NONE, NUD_VALID, RTM } from "../wire/netlink/constants.ts";
import { decodeNeighbour, encodeNeighbour, encodeNeighbourDump } from "../wire/netlink/neighbour.ts";
import { NetlinkSocket } from "./netlink.ts";

/** A neighbour on one device. */
export interface NeighbourRef {
  readonly interfaceIndex: number;
  /** Canonical text. */
  readonly address: string;
}

/**
 * Link-layer addresses of some neighbours, as the kernel has them. It is told that they are in use, so it finds out those it does
 * not know and makes sure of those it has not heard of for a while, as it would for a packet by a route. Nothing else of its
 * table is changed.
 */
export class Neighbours implements AsyncDisposable {
  readonly #netlink = NetlinkSocket.open();
  readonly #linkAddresses = new Map<string, Uint8Array>();

  /** Undefined while the kernel knows none. */
  linkAddressOf({ interfaceIndex, address }: NeighbourRef): Uint8Array | undefined {
    return this.#linkAddresses.get(`${interfaceIndex} ${address}`);
  }

  /** Looks at all of them once. @throws NetlinkError when the kernel cannot be asked, the signal's reason. */
  async refresh(wanted: readonly NeighbourRef[], signal?: AbortSignal): Promise<void> {
    await this.#netlink.batch(
      wanted.length,
      (writer, flags, sequence, i) => {
        const { interfaceIndex = 0, address = "::" } = wanted[i] ?? {};
        encodeNeighbour(writer, RTM.NEWNEIGH, flags | NLM_F.CREATE, sequence, {
          family: AF_INET6,
          interfaceIndex,
          state: NUD_NONE,
          flags: NTF_USE,
          address,
        });
      },
      signal,
    );
    const found = new Map<string, Uint8Array>();
    for (const interfaceIndex of new Set(wanted.map((neighbour) => neighbour.interfaceIndex))) {
      const neighbours = await this.#netlink.dump(
        (writer, flags, sequence) => encodeNeighbourDump(writer, flags, sequence, interfaceIndex),
        ({ type, payload }) => (type === RTM.NEWNEIGH ? decodeNeighbour(payload) : undefined),
        signal,
      );
      for (const { interfaceIndex: index, state, address, linkAddress = new Uint8Array() } of neighbours)
        if ((state & NUD_VALID) !== 0) found.set(`${index} ${address ?? ""}`, linkAddress);
    }
    this.#linkAddresses.clear();
    for (const [key, linkAddress] of found) this.#linkAddresses.set(key, linkAddress);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#netlink[Symbol.asyncDispose]();
  }
}
