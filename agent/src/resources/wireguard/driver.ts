import type { Change, Outcome } from "../../core/kind.ts";
import { WIREGUARD_PREFIX } from "../../core/ownership.ts";
import { Secret } from "../../core/secret.ts";
import type { Link, LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { outcome } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { IFF_UP, RTM } from "../../wire/netlink/constants.ts";
import { encodeLink } from "../../wire/netlink/link.ts";
import { isNoKey } from "../../wire/wireguard/key.ts";
import type { Driver } from "../driver.ts";
import type { WireguardBackend } from "./backend.ts";
import type { WireguardDevice } from "./model.ts";

/** Our own device of this name and who keeps it; undefined for one of somebody else. */
export function ownDevice(
  link: Link | undefined,
  backends: readonly WireguardBackend[],
): { readonly link: Link; readonly backend: WireguardBackend } | undefined {
  if (link === undefined || !link.name.startsWith(WIREGUARD_PREFIX)) return undefined;
  const backend = backends.find((one) => one.owns(link));
  return backend === undefined ? undefined : { link, backend };
}

/**
 * WireGuard devices. A new one is made by the first of `backends` that is there on this machine.
 */
export function wireguardDriver(
  netlink: NetlinkSocket,
  links: LinkTable,
  backends: readonly WireguardBackend[],
): Driver<WireguardDevice> {
  async function observe(signal: AbortSignal): Promise<readonly WireguardDevice[]> {
    await links.refresh(signal);
    const found: WireguardDevice[] = [];
    for (const link of [...links.all()]) {
      const own = ownDevice(link, backends);
      if (own === undefined) continue;
      const { name, mtu, up } = link;
      const { privateKey, listenPort, fwmark } = await own.backend.read(name, signal);
      const key =
        privateKey === undefined || isNoKey(privateKey) ? {} : { privateKey: new Secret(privateKey) };
      found.push({ name, mtu, up, listenPort, fwmark, ...key });
    }
    return found;
  }

  async function put(desired: WireguardDevice, signal: AbortSignal): Promise<void> {
    const { name, mtu, up, listenPort, privateKey, fwmark } = desired;
    if (privateKey === undefined) throw new NetlinkError(ERRNO.EINVAL, `${name} has no private key`);
    await links.refresh(signal);
    if (links.get(name) === undefined) {
      await create(name, backends, signal);
      await links.refresh(signal);
    }
    const own = ownDevice(links.get(name), backends);
    if (own === undefined)
      throw new NetlinkError(ERRNO.EEXIST, "the place is taken by a device that is not ours");
    await own.backend.write(name, { privateKey: privateKey.reveal(), listenPort, fwmark }, signal);
    await netlink.request(
      (writer, flags, sequence) =>
        encodeLink(writer, RTM.SETLINK, flags, sequence, {
          ...{ family: 0, index: own.link.index, flags: up ? IFF_UP : 0, change: IFF_UP },
          mtu,
        }),
      signal,
    );
  }

  async function remove(name: string, signal: AbortSignal): Promise<void> {
    await links.refresh(signal);
    const own = ownDevice(links.get(name), backends);
    if (own !== undefined) await own.backend.remove(own.link, signal);
  }

  return {
    observe,
    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        signal.throwIfAborted();
        outcomes.push(
          await one(change, () =>
            change.op === "delete" ? remove(change.observed.name, signal) : put(change.desired, signal),
          ),
        );
      }
      return outcomes;
    },
  };
}

async function one(change: Change<WireguardDevice>, act: () => Promise<void>): Promise<Outcome> {
  try {
    await act();
    return outcome(change.key, undefined);
  } catch (error) {
    if (error instanceof NetlinkError) return outcome(change.key, error);
    throw error;
  }
}

async function create(
  name: string,
  backends: readonly WireguardBackend[],
  signal: AbortSignal,
): Promise<void> {
  const missing: string[] = [];
  for (const backend of backends) {
    try {
      await backend.create(name, signal);
      return;
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.errno !== ERRNO.EOPNOTSUPP) throw error;
      missing.push(error.extack ?? error.message);
    }
  }
  throw new NetlinkError(ERRNO.EOPNOTSUPP, missing.join("; "));
}
