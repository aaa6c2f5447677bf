import { OWN_GROUP } from "../../core/ownership.ts";
import { NetlinkSocket } from "../../io/netlink.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { NETLINK_GENERIC } from "../../io/netlink-port.ts";
import { NLM_F, RTM } from "../../wire/netlink/constants.ts";
import { decodeFamily, encodeFamilyDump } from "../../wire/netlink/generic.ts";
import { encodeLink } from "../../wire/netlink/link.ts";
import {
  decodeDevice,
  encodeDevice,
  encodeDeviceDump,
  encodePeers,
  joinFragments,
  WG_GENL_NAME,
} from "../../wire/netlink/wireguard.ts";
import { type PeerMessage, packPeers } from "../../wire/netlink/wireguard-pack.ts";
import type { PeerChange } from "../../wire/wireguard/device.ts";
import type { WireguardBackend } from "./backend.ts";

const KIND = "wireguard";
/** Octets of one message about peers: some eighty of them. */
const MESSAGE_OCTETS = 16 * 1024;

/** WireGuard of the kernel: devices by rtnetlink, all else by generic netlink, on a socket that is opened when first needed. */
export class KernelWireguard implements WireguardBackend, AsyncDisposable {
  readonly name = "kernel";
  readonly #route: NetlinkSocket;
  #generic: NetlinkSocket | undefined;
  #family: number | undefined;

  constructor(route: NetlinkSocket) {
    this.#route = route;
  }

  owns({ kind, group }: { readonly kind: string; readonly group: number }): boolean {
    return kind === KIND && group === OWN_GROUP;
  }

  async create(name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#route.request(
        (writer, flags, sequence) =>
          encodeLink(writer, RTM.NEWLINK, flags | NLM_F.CREATE | NLM_F.EXCL, sequence, {
            ...{ family: 0, index: 0, flags: 0, change: 0 },
            ...{ name, kind: KIND, group: OWN_GROUP },
          }),
        signal,
      );
    } catch (error) {
      if (error instanceof NetlinkError && error.errno === ERRNO.EOPNOTSUPP)
        throw new NetlinkError(ERRNO.EOPNOTSUPP, "this kernel has no WireGuard (module wireguard)", {
          cause: error,
        });
      throw error;
    }
  }

  async remove({ index }: { readonly index: number }, signal: AbortSignal): Promise<void> {
    await this.#route.request(
      (writer, flags, sequence) =>
        encodeLink(writer, RTM.DELLINK, flags, sequence, { family: 0, index, flags: 0, change: 0 }),
      signal,
    );
  }

  async read(name: string, signal: AbortSignal) {
    const family = await this.#familyId(signal);
    const fragments = await this.#socket().dump(
      (writer, flags, sequence) => encodeDeviceDump(writer, family, flags, sequence, name),
      ({ type, payload }) => (type === family ? decodeDevice(payload) : undefined),
      signal,
    );
    const device = joinFragments(fragments);
    if (device === undefined) throw new NetlinkError(ERRNO.ENODEV, `no WireGuard device ${name}`);
    return device;
  }

  async write(name: string, settings: Parameters<WireguardBackend["write"]>[1], signal: AbortSignal) {
    const family = await this.#familyId(signal);
    await this.#socket().request(
      (writer, flags, sequence) => encodeDevice(writer, family, flags, sequence, name, settings),
      signal,
    );
  }

  async change(name: string, changes: readonly PeerChange[], signal: AbortSignal) {
    const family = await this.#familyId(signal);
    const send = (messages: readonly PeerMessage[]): Promise<ReadonlyMap<number, NetlinkError>> =>
      this.#socket().batch(
        messages.length,
        (writer, flags, sequence, index) =>
          encodePeers(writer, family, flags, sequence, name, messages[index]?.pieces ?? []),
        signal,
      );
    const messages = packPeers(changes, MESSAGE_OCTETS);
    const refused = await send(messages);
    if (refused.size === 0) return new Map<number, NetlinkError>();
    // The kernel stops at the first bad peer of a message: each of those again by itself.
    const again = [...new Set([...refused.keys()].flatMap((index) => messages[index]?.changes ?? []))];
    const failures = new Map<number, NetlinkError>();
    for (const index of again) {
      const change = changes[index];
      if (change === undefined) continue;
      const [failure] = (await send(packPeers([change], MESSAGE_OCTETS))).values();
      if (failure !== undefined) failures.set(index, failure);
    }
    return failures;
  }

  #socket(): NetlinkSocket {
    this.#generic ??= NetlinkSocket.open(NETLINK_GENERIC);
    return this.#generic;
  }

  /** Asked for once: the number stays while the module is loaded, and devices keep it loaded. */
  async #familyId(signal: AbortSignal): Promise<number> {
    if (this.#family !== undefined) return this.#family;
    const families = await this.#socket().dump(
      encodeFamilyDump,
      ({ payload }) => decodeFamily(payload),
      signal,
    );
    const family = families.find(({ name }) => name === WG_GENL_NAME);
    if (family === undefined)
      throw new NetlinkError(ERRNO.EOPNOTSUPP, "this kernel has no WireGuard (module wireguard)");
    this.#family = family.id;
    return family.id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#generic?.[Symbol.asyncDispose]();
  }
}
