import type { Kind } from "../../core/kind.ts";
import { canonicalIp6 } from "../../wire/netlink/ip-text.ts";

/** A tunnel of IPv6 within IPv6 to a user's router (RFC 2473), as a device of kind ip6tnl; no option that limits encapsulations. */
export interface TunnelObject {
  /** Begins with TUNNEL_PREFIX: by this and its group it is known to be ours. */
  readonly name: string;
  readonly local: string;
  readonly remote: string;
  /** Octets, of what is within. */
  readonly mtu: number;
  /** Of the outer header, 1 to 255; 0: as within. */
  readonly hopLimit: number;
  readonly up: boolean;
}

export const tunnelKind: Kind<TunnelObject> = {
  name: "tunnel",
  key: ({ name }) => name,
  normalise: (desired) => ({
    ...desired,
    local: canonicalIp6(desired.local) ?? desired.local,
    remote: canonicalIp6(desired.remote) ?? desired.remote,
  }),
  equal: (desired, observed) =>
    desired.local === observed.local &&
    desired.remote === observed.remote &&
    desired.mtu === observed.mtu &&
    desired.hopLimit === observed.hopLimit &&
    desired.up === observed.up,
  describe: ({ name, local, remote, mtu, hopLimit, up }) =>
    `tunnel ${name} mode ip6ip6 local ${local} remote ${remote} encaplimit none hoplimit ${hopLimit} mtu ${mtu} ${up ? "up" : "down"}`,
};
