import type { Change, Outcome } from "../../core/kind.ts";
import { OWN_GROUP, TUNNEL_PREFIX } from "../../core/ownership.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { applyChanges } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { IFF_UP, IP6_TNL_F, NLM_F, RTM } from "../../wire/netlink/constants.ts";
import { decodeLink, encodeLink, IP6TNL, type LinkMessage } from "../../wire/netlink/link.ts";
import type { Driver } from "../driver.ts";
import { type TunnelObject, tunnelKind } from "./model.ts";
import { orderMoves } from "./moves.ts";

/** IPPROTO_IPV6 */
const IPV6_WITHIN = 41;
/** Devices of ip6tnl's making have flags of the kernel's own above these. */
const OUR_FLAGS = 0xffff;
const FLAGS = IP6_TNL_F.IGN_ENCAP_LIMIT | IP6_TNL_F.USE_ORIG_TCLASS;

/** Tunnels of our own name prefix and group. One message makes a device, ours and up from its first moment. */
export function tunnelDriver(netlink: NetlinkSocket, links: LinkTable): Driver<TunnelObject> {
  const observe = async (signal: AbortSignal): Promise<readonly TunnelObject[]> => {
    signal.throwIfAborted();
    return netlink.dump(
      (writer, flags, sequence) =>
        encodeLink(writer, RTM.GETLINK, flags, sequence, {
          family: 0,
          index: 0,
          flags: 0,
          change: 0,
          kind: IP6TNL,
        }),
      ({ type, payload }) => (type === RTM.NEWLINK ? ownTunnel(decodeLink(payload)) : undefined),
      signal,
    );
  };
  return {
    observe,
    async apply(changes, signal) {
      // Deleted by number, not by name: a device of somebody else may have taken the name since. What is made needs no dump of thousands.
      if (changes.some(({ op }) => op === "delete")) await links.refresh(signal);
      const { parked, ordered } = orderMoves(changes);
      const make = (some: readonly Change<TunnelObject>[]): Promise<readonly Outcome[]> =>
        applyChanges(
          {
            netlink,
            kind: tunnelKind,
            observe,
            encodePut: (writer, flags, sequence, desired) =>
              // rtnetlink refuses NLM_F_REPLACE for devices; without it, one that is there is changed.
              encodeLink(writer, RTM.NEWLINK, flags & ~NLM_F.REPLACE, sequence, toMessage(desired)),
            encodeDelete: (writer, flags, sequence, { name }) => {
              const link = links.get(name);
              if (link === undefined || link.kind !== IP6TNL || link.group !== OWN_GROUP)
                throw new NetlinkError(ERRNO.ENODEV, `no tunnel ${name} of ours`);
              const { index } = link;
              encodeLink(writer, RTM.DELLINK, flags, sequence, { family: 0, index, flags: 0, change: 0 });
            },
          },
          some,
          signal,
        );
      // Whether one could be led aside shows in what comes after it.
      if (parked.length > 0) await make(parked);
      const outcomes = new Map((await make(ordered)).map((one) => [one.key, one]));
      return changes.map((change) => {
        const one = outcomes.get(change.key);
        if (one === undefined) throw new RangeError(`no outcome for tunnel ${change.key}`);
        return explained(one, change);
      });
    },
  };
}

function ownTunnel({ name, flags, mtu, group, tunnel }: LinkMessage): TunnelObject | undefined {
  if (name === undefined || !name.startsWith(TUNNEL_PREFIX) || group !== OWN_GROUP) return undefined;
  if (tunnel === undefined) return undefined;
  const sound = tunnel.protocol === IPV6_WITHIN && (tunnel.flags & OUR_FLAGS) === FLAGS;
  return {
    name,
    local: tunnel.local,
    remote: tunnel.remote,
    // What somebody turned into another kind of tunnel is never as desired.
    mtu: sound ? (mtu ?? 0) : 0,
    hopLimit: tunnel.hopLimit,
    up: (flags & IFF_UP) !== 0,
  };
}

function toMessage({ name, local, remote, mtu, hopLimit, up }: TunnelObject): LinkMessage {
  return {
    family: 0,
    index: 0,
    flags: up ? IFF_UP : 0,
    change: IFF_UP,
    name,
    mtu,
    group: OWN_GROUP,
    kind: IP6TNL,
    tunnel: { local, remote, hopLimit, encapLimit: 0, flags: FLAGS, protocol: IPV6_WITHIN },
  };
}

/** The kernel's words are of devices; these are of what is missing. */
function explained(outcome: Outcome, change: Change<TunnelObject> | undefined): Outcome {
  if (outcome.ok || change === undefined || change.op === "delete") return outcome;
  const { local, remote } = change.desired;
  if (outcome.errno === ERRNO.EOPNOTSUPP)
    return { ...outcome, reason: "this kernel has no IPv6 tunnels (module ip6_tunnel) (EOPNOTSUPP)" };
  if (outcome.errno === ERRNO.EEXIST)
    return {
      ...outcome,
      reason: `a device ${change.desired.name}, or a tunnel from ${local} to ${remote}, that is not ours is there (EEXIST)`,
    };
  return outcome;
}
