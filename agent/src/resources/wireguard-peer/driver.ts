import type { Change, Outcome } from "../../core/kind.ts";
import { Secret } from "../../core/secret.ts";
import type { LinkTable } from "../../io/links.ts";
import { outcome } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import type { PeerChange, PeerState } from "../../wire/wireguard/device.ts";
import { formatKey, parseKey } from "../../wire/wireguard/key.ts";
import type { Driver } from "../driver.ts";
import type { WireguardBackend } from "../wireguard/backend.ts";
import { ownDevice } from "../wireguard/driver.ts";
import { sortedPrefixes, type WireguardPeer, wireguardPeerKind } from "./model.ts";

/** What a peer has carried, for whoever counts. */
export interface PeerUse {
  readonly publicKey: string;
  /** Milliseconds since the epoch; 0: never. */
  readonly handshakeMs: number;
  readonly rxOctets: number;
  readonly txOctets: number;
}

/** Peers of our own WireGuard devices. `onUse` hears of each device's peers whenever they are looked at. */
export function wireguardPeerDriver(
  links: LinkTable,
  backends: readonly WireguardBackend[],
  onUse?: (device: string, use: readonly PeerUse[]) => void,
): Driver<WireguardPeer> {
  return {
    async observe(signal) {
      await links.refresh(signal);
      const found: WireguardPeer[] = [];
      for (const link of [...links.all()]) {
        const own = ownDevice(link, backends);
        if (own === undefined) continue;
        const { peers } = await own.backend.read(link.name, signal);
        for (const peer of peers) found.push(toPeer(link.name, peer));
        onUse?.(link.name, peers.map(toUse));
      }
      return found;
    },

    async apply(changes, signal) {
      signal.throwIfAborted();
      const outcomes: Outcome[] = changes.map(({ key }) => outcome(key, undefined));
      for (const [device, places] of byDevice(changes)) {
        await links.know([device], signal);
        const own = ownDevice(links.get(device), backends);
        const wanted: PeerChange[] = [];
        const placeOf: number[] = [];
        for (const place of places) {
          const change = changes[place];
          if (change === undefined) continue;
          const peerChange = toChange(change);
          if (own === undefined) {
            // With their device its peers are gone.
            if (change.op !== "delete")
              outcomes[place] = outcome(
                change.key,
                new NetlinkError(ERRNO.ENODEV, `no WireGuard device ${device} of ours`),
              );
          } else if (peerChange === undefined)
            outcomes[place] = outcome(change.key, new NetlinkError(ERRNO.EINVAL, "not a public key"));
          else {
            wanted.push(peerChange);
            placeOf.push(place);
          }
        }
        if (own === undefined || wanted.length === 0) continue;
        for (const [index, failure] of await own.backend.change(device, wanted, signal)) {
          const place = placeOf[index] ?? -1;
          const key = changes[place]?.key;
          if (key !== undefined) outcomes[place] = outcome(key, failure);
        }
      }
      return outcomes;
    },
  };
}

function byDevice(changes: readonly Change<WireguardPeer>[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [place, change] of changes.entries()) {
    const { device } = change.op === "delete" ? change.observed : change.desired;
    const list = places.get(device);
    if (list === undefined) places.set(device, [place]);
    else list.push(place);
  }
  return places;
}

function toChange(change: Change<WireguardPeer>): PeerChange | undefined {
  const { publicKey: text } = change.op === "delete" ? change.observed : change.desired;
  const publicKey = parseKey(text);
  if (publicKey === undefined) return undefined;
  if (change.op === "delete") return { op: "remove", publicKey };
  const { presharedKey, endpoint, keepaliveS, allowedIps } = change.desired;
  // A peer that moved since is left where it is heard from, unless somebody names another place.
  const told =
    endpoint !== undefined && !(change.op === "replace" && sameEndpoint(change, endpoint))
      ? { endpoint }
      : {};
  return {
    op: "set",
    peer: {
      publicKey,
      ...(presharedKey === undefined ? {} : { presharedKey: presharedKey.reveal() }),
      ...told,
      keepaliveS,
      allowedIps,
    },
  };
}

function sameEndpoint(
  { observed }: { readonly observed: WireguardPeer },
  { address, port }: { readonly address: string; readonly port: number },
): boolean {
  if (observed.heard === true) return true;
  return observed.endpoint?.address === address && observed.endpoint.port === port;
}

function toPeer(device: string, peer: PeerState): WireguardPeer {
  const { publicKey, presharedKey, endpoint, keepaliveS, allowedIps, handshakeMs } = peer;
  return {
    device,
    publicKey: formatKey(publicKey),
    ...(presharedKey === undefined ? {} : { presharedKey: new Secret(presharedKey) }),
    allowedIps: sortedPrefixes(allowedIps),
    keepaliveS,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(handshakeMs === 0 ? {} : { heard: true }),
  };
}

function toUse({ publicKey, handshakeMs, rxOctets, txOctets }: PeerState): PeerUse {
  return { publicKey: formatKey(publicKey), handshakeMs, rxOctets, txOctets };
}

/** Its key, for those who only have a device's name and a public key. */
export function peerKey(device: string, publicKey: string): string {
  return wireguardPeerKind.key({ device, publicKey, allowedIps: [], keepaliveS: 0 });
}
