import { USERS_FROM, USERS_TO } from "../core/access-filters.ts";
import { NFT_TABLE, TUNNEL_PREFIX } from "../core/ownership.ts";
import type { NetlinkSocket } from "../io/netlink.ts";
import { parseElementCounts } from "../resources/nftables/listing.ts";
import { runNft } from "../resources/nftables/nft.ts";
import { RTM } from "../wire/netlink/constants.ts";
import { decodeLink, encodeLinkDump } from "../wire/netlink/link.ts";

/** What one user sent (rx) and was sent (tx). */
export interface UserCount {
  readonly rxPackets: number;
  readonly rxOctets: number;
  readonly txPackets: number;
  readonly txOctets: number;
}

/** Octets of the outer header, which counts of SRv6 users include and those of tunnels do not. */
const OUTER_HEADER = 40;

/** Counts of tunnels by device, in one dump. Throws NetlinkError. */
export async function readTunnelCounts(
  netlink: NetlinkSocket,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, UserCount>> {
  const found = await netlink.dump(
    encodeLinkDump,
    ({ type, payload }) => {
      if (type !== RTM.NEWLINK) return undefined;
      const { name = "", statistics } = decodeLink(payload);
      if (statistics === undefined || !name.startsWith(TUNNEL_PREFIX)) return undefined;
      const { rxPackets, rxOctets, txPackets, txOctets } = statistics;
      return [name, { rxPackets, rxOctets, txPackets, txOctets }] as const;
    },
    signal,
  );
  return new Map(found);
}

/** Counts of users by SRv6 by the address of their router, without outer headers. Throws NftError, VsixError `nft-output`. */
export async function readSrv6Counts(signal: AbortSignal): Promise<ReadonlyMap<string, UserCount>> {
  const read = async (set: string) =>
    parseElementCounts(await runNft(["nft"], ["-j", "list", "set", "inet", NFT_TABLE, set], signal));
  const counts = new Map<string, UserCount>();
  const inner = (octets: number, packets: number): number => Math.max(0, octets - packets * OUTER_HEADER);
  for (const { element, packets, octets } of await read(USERS_FROM))
    counts.set(element, {
      rxPackets: packets,
      rxOctets: inner(octets, packets),
      txPackets: 0,
      txOctets: 0,
    });
  for (const { element, packets, octets } of await read(USERS_TO)) {
    const before = counts.get(element) ?? { rxPackets: 0, rxOctets: 0 };
    counts.set(element, { ...before, txPackets: packets, txOctets: inner(octets, packets) });
  }
  return counts;
}
