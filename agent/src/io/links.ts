import { IFF_LOWER_UP, IFF_UP, RTM, RTNLGRP } from "../wire/netlink/constants.ts";
import { decodeLink, encodeLinkDump } from "../wire/netlink/link.ts";
import type { NetlinkSocket } from "./netlink.ts";
import { ERRNO, NetlinkError } from "./netlink-error.ts";
import type { NetlinkEvent, NetlinkSubscription } from "./netlink-events.ts";

/** A network device as the kernel last said. */
export interface Link {
  readonly name: string;
  readonly index: number;
  /** IFF_UP: an administrator wants it up. */
  readonly up: boolean;
  /** Something is at the other end (IFF_LOWER_UP and an operational state that does not say otherwise). */
  readonly carrier: boolean;
  /** Octets. */
  readonly mtu: number;
  /** What made it: veth, tun, wireguard; empty for a card. */
  readonly kind: string;
  /** Number of the set of devices that it is in; 0 where nobody chose one. */
  readonly group: number;
}

/** `before` is absent for a new device, `after` for a device that is gone. */
export interface LinkChange {
  readonly before?: Link;
  readonly after?: Link;
}

/** RFC 2863 ifOperStatus as IF_OPER_* (linux/if.h). */
const OPER_NOT_PRESENT = 1;
const OPER_LOWER_LAYER_DOWN = 3;

/**
 * The devices of this network namespace, kept current by notifications, dumped anew when some were lost. Link or carrier
 * down is the only sign there is that the kernel has removed nexthop objects and routes.
 */
export class LinkTable implements AsyncDisposable {
  readonly #netlink: NetlinkSocket;
  readonly #subscription: NetlinkSubscription;
  readonly #byIndex = new Map<number, Link>();
  readonly #byName = new Map<string, Link>();
  readonly #listeners = new Set<(change: LinkChange) => void>();
  readonly #ended = new AbortController();
  #refreshing: Promise<void> | undefined;
  /** Notifications that came during a dump: applied after it, since they may be newer. */
  #held: (() => void)[] | undefined;

  /** @throws NetlinkError */
  static async open(netlink: NetlinkSocket, signal?: AbortSignal): Promise<LinkTable> {
    const table = new LinkTable(netlink);
    try {
      await table.refresh(signal);
    } catch (error) {
      await table[Symbol.asyncDispose]();
      throw error;
    }
    return table;
  }

  private constructor(netlink: NetlinkSocket) {
    this.#netlink = netlink;
    this.#subscription = netlink.subscribe([RTNLGRP.LINK], (event) => this.#take(event));
  }

  get(name: string): Link | undefined {
    return this.#byName.get(name);
  }

  byIndex(index: number): Link | undefined {
    return this.#byIndex.get(index);
  }

  all(): Iterable<Link> {
    return this.#byIndex.values();
  }

  /** Index of a device. @throws NetlinkError ENODEV */
  indexOf(name: string): number {
    const link = this.#byName.get(name);
    if (link === undefined) throw new NetlinkError(ERRNO.ENODEV, `no interface ${name}`);
    return link.index;
  }

  /** Name of a device; `#INDEX`, which no device is called, for one that is not known. */
  nameOf(index: number): string {
    return this.#byIndex.get(index)?.name ?? `#${index}`;
  }

  /** Calls back at every change until the returned function is called. */
  onChange(listener: (change: LinkChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Dumps anew when one of these is not known: a device just made may not have been announced yet. */
  async know(names: Iterable<string | undefined>, signal?: AbortSignal): Promise<void> {
    for (const name of names) if (name !== undefined && !this.#byName.has(name)) return this.refresh(signal);
  }

  /** Dumps all devices anew; concurrent calls share one dump. */
  refresh(signal?: AbortSignal): Promise<void> {
    this.#refreshing ??= this.#refresh(signal).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(signal: AbortSignal | undefined): Promise<void> {
    this.#held = [];
    try {
      const links = await this.#netlink.dump(
        encodeLinkDump,
        ({ type, payload }) => (type === RTM.NEWLINK ? toLink(payload) : undefined),
        signal,
      );
      const gone = new Set(this.#byIndex.keys());
      for (const link of links) {
        gone.delete(link.index);
        this.#put(link);
      }
      for (const index of gone) this.#remove(index);
    } finally {
      const held = this.#held;
      this.#held = undefined;
      for (const apply of held) apply();
    }
  }

  #take(event: NetlinkEvent): void {
    if (event.kind === "overrun") {
      this.refresh(this.#ended.signal).catch(() => undefined); // disposed of, or the socket's owner learns it elsewhere
      return;
    }
    const { type, payload } = event.message;
    if (type !== RTM.NEWLINK && type !== RTM.DELLINK) return;
    const link = toLink(payload);
    if (link === undefined) return;
    const apply = (): void => (type === RTM.NEWLINK ? this.#put(link) : this.#remove(link.index));
    if (this.#held === undefined) apply();
    else this.#held.push(apply);
  }

  #put(after: Link): void {
    const before = this.#byIndex.get(after.index);
    this.#byIndex.set(after.index, after);
    if (
      before !== undefined &&
      before.name !== after.name &&
      this.#byName.get(before.name)?.index === after.index
    )
      this.#byName.delete(before.name);
    this.#byName.set(after.name, after);
    if (
      before === undefined ||
      before.name !== after.name ||
      before.up !== after.up ||
      before.carrier !== after.carrier ||
      before.mtu !== after.mtu
    )
      this.#tell(before === undefined ? { after } : { before, after });
  }

  #remove(index: number): void {
    const before = this.#byIndex.get(index);
    if (before === undefined) return;
    this.#byIndex.delete(index);
    if (this.#byName.get(before.name)?.index === index) this.#byName.delete(before.name);
    this.#tell({ before });
  }

  #tell(change: LinkChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    this.#listeners.clear();
    this.#subscription[Symbol.dispose]();
    await this.#refreshing?.catch(() => undefined);
  }
}

function toLink(payload: Uint8Array): Link | undefined {
  const { family, name, index, flags, mtu, operState, kind, group } = decodeLink(payload);
  if (family !== 0 || name === undefined) return undefined;
  const blocked =
    operState !== undefined && operState >= OPER_NOT_PRESENT && operState <= OPER_LOWER_LAYER_DOWN;
  return {
    name,
    index,
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0 && !blocked,
    mtu: mtu ?? 0,
    kind: kind ?? "",
    group: group ?? 0,
  };
}
