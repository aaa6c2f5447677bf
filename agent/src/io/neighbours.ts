import { AF_INET6, NLM_F, NTF_USE, NUD_FIXED, NUD_NONE, NUD_VALID, RTM } from "../wire/netlink/constants.ts";
import { decodeNeighbour, encodeNeighbour, encodeNeighbourDump } from "../wire/netlink/neighbour.ts";
import { NetlinkSocket } from "./netlink.ts";

/** A neighbour on one device. */
export interface NeighbourRef {
  readonly interfaceIndex: number;
  /** Canonical text. */
  readonly address: string;
}

const NONE = new Uint8Array();

/**
 * Link-layer addresses of some neighbours, as the kernel has them. It is told that they are in use, so it finds out those it does
 * not know and makes sure of those it has not heard of for a while, as it would for a packet by a route. Nothing else of its
 * table is changed.
 */
export class Neighbours implements AsyncDisposable {
  readonly #netlink = NetlinkSocket.open();
  readonly #linkAddresses = new Map<string, Uint8Array>();

  /** Undefined while the kernel knows none. */
  linkAddressOf(neighbour: NeighbourRef): Uint8Array | undefined {
    return this.#linkAddresses.get(keyOf(neighbour));
  }

  /** Looks at all of them once. @throws NetlinkError when the kernel cannot be asked, the signal's reason. */
  async refresh(wanted: readonly NeighbourRef[], signal?: AbortSignal): Promise<void> {
    const found = new Map<string, Uint8Array>();
    const fixed = new Set<string>();
    for (const interfaceIndex of new Set(wanted.map((neighbour) => neighbour.interfaceIndex))) {
      const neighbours = await this.#netlink.dump(
        (writer, flags, sequence) => encodeNeighbourDump(writer, flags, sequence, interfaceIndex),
        ({ type, payload }) => (type === RTM.NEWNEIGH ? decodeNeighbour(payload) : undefined),
        signal,
      );
      for (const { interfaceIndex: index, state, address = "", linkAddress = NONE } of neighbours) {
        const key = keyOf({ interfaceIndex: index, address });
        if ((state & NUD_VALID) !== 0) found.set(key, linkAddress);
        if ((state & NUD_FIXED) !== 0) fixed.add(key);
      }
    }
    this.#linkAddresses.clear();
    for (const [key, linkAddress] of found) this.#linkAddresses.set(key, linkAddress);
    // Of an entry that somebody made for good NTF_USE would take just that away (neigh_add of net/core/neighbour.c).
    await this.#use(
      wanted.filter((neighbour) => !fixed.has(keyOf(neighbour))),
      signal,
    );
  }

  async #use(neighbours: readonly NeighbourRef[], signal: AbortSignal | undefined): Promise<void> {
    await this.#netlink.batch(
      neighbours.length,
      (writer, flags, sequence, i) => {
        const { interfaceIndex = 0, address = "::" } = neighbours[i] ?? {};
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
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#netlink[Symbol.asyncDispose]();
  }
}

function keyOf({ interfaceIndex, address }: NeighbourRef): string {
  return `${interfaceIndex} ${address}`;
}
