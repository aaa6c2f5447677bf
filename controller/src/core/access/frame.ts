import { ACCESS_SHARDS, type AccessPart } from "@vsix/shared/contract/part-access.ts";
import { type AccessPoint, DEFAULT_ACCESS } from "@vsix/shared/fabric/access-model.ts";

/** Seconds: what RFC 9096 section 3.3 has for defaults, so that a prefix that nobody could take back is soon forgotten. */
const DELEGATION = { preferredS: 2700, validS: 5400 } as const;

/** Part `access` of a router that serves these points: what is the same for all of its users. `resolvers`: told to them. */
export function compileFrame(points: readonly AccessPoint[], resolvers: readonly string[] = []): AccessPart {
  const tunnel = points.find((point) => point.tunnel !== undefined)?.tunnel;
  const srv6 = points.find((point) => point.srv6 !== undefined)?.srv6;
  return {
    version: 1,
    shards: ACCESS_SHARDS,
    tunnels: {
      mtu: tunnel?.mtu ?? DEFAULT_ACCESS.tunnelMtu,
      hopLimit: tunnel?.hopLimit ?? DEFAULT_ACCESS.hopLimit,
      ...(tunnel?.delegation === true
        ? {
            delegation: {
              ...DELEGATION,
              // Routers of one point are one server: the next one goes on with the same leases' prefixes.
              server: tunnel.address,
              ...(resolvers.length === 0 ? {} : { resolvers: resolvers.slice(0, 8) }),
            },
          }
        : {}),
    },
    ...(srv6 === undefined ? {} : { srv6: { sid: srv6.sid, mtu: srv6.mtu } }),
    wireguard: points.flatMap(({ wireguard }) =>
      wireguard.map(({ id, port, mtu, addresses, pools }) => ({
        id,
        listenPort: port,
        mtu,
        addresses: addresses.map((address) => `${address}/128`),
        prefixes: [...pools],
      })),
    ),
  };
}
