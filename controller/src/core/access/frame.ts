import { ACCESS_SHARDS, type AccessPart } from "@vsix/shared/contract/part-access.ts";
import { type AccessPoint, DEFAULT_ACCESS } from "@vsix/shared/fabric/access-model.ts";

/** Part `access` of a router that serves these points: what is the same for all of its users. */
export function compileFrame(points: readonly AccessPoint[]): AccessPart {
  const tunnel = points.find((point) => point.tunnel !== undefined)?.tunnel;
  const srv6 = points.find((point) => point.srv6 !== undefined)?.srv6;
  return {
    version: 1,
    shards: ACCESS_SHARDS,
    tunnels: {
      mtu: tunnel?.mtu ?? DEFAULT_ACCESS.tunnelMtu,
      hopLimit: tunnel?.hopLimit ?? DEFAULT_ACCESS.hopLimit,
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
