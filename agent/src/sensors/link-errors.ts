import type { Counters } from "@vsix/shared/contract/up.ts";
import type { NetlinkSocket } from "../io/netlink.ts";
import { RTM } from "../wire/netlink/constants.ts";
import { decodeLink, encodeLinkDump } from "../wire/netlink/link.ts";

export type LinkErrors = NonNullable<Counters["links"]>[number];

/** A port of ours and who is at its other end. */
export interface Port {
  readonly name: string;
  readonly peer: string;
}

/** Errors and drops of these ports, as the kernel counts them; those that are not there are left out. Throws NetlinkError. */
export async function readLinkErrors(
  netlink: NetlinkSocket,
  ports: readonly Port[],
  signal: AbortSignal,
): Promise<LinkErrors[]> {
  const peers = new Map(ports.map(({ name, peer }) => [name, peer]));
  return netlink.dump(
    encodeLinkDump,
    ({ type, payload }) => {
      if (type !== RTM.NEWLINK) return undefined;
      const { name = "", family, statistics } = decodeLink(payload);
      const peer = peers.get(name);
      if (family !== 0 || peer === undefined || statistics === undefined) return undefined;
      const { rxPackets: _in, txPackets: _out, ...told } = statistics;
      return { interface: name, peer, ...told };
    },
    signal,
  );
}
