import { canonicalAddress } from "../net/address.ts";
import { canonicalPrefix } from "../net/prefix.ts";
import { type AccessPoint, DEFAULT_ACCESS } from "./access-model.ts";
import type { AccessFile } from "./access-schema.ts";
import type { FabricNode } from "./model.ts";

/** Section `services.access` with its defaults. Only for a file without faults. */
export function resolveAccess(
  file: AccessFile,
  nodes: readonly Pick<FabricNode, "name" | "site">[],
): readonly AccessPoint[] {
  return Object.entries(file).map(([name, point]): AccessPoint => {
    const { routers, tunnel, srv6 } = point;
    const first = nodes.find((node) => node.name === routers[0]);
    return {
      name,
      site: point.site ?? first?.site ?? "",
      routers,
      pools: (point.pools ?? []).map(prefixText),
      ...(tunnel === undefined
        ? {}
        : {
            tunnel: {
              address: addressText(tunnel.address),
              mtu: tunnel.mtu ?? DEFAULT_ACCESS.tunnelMtu,
              hopLimit: tunnel.hopLimit ?? DEFAULT_ACCESS.hopLimit,
              delegation: tunnel.delegation ?? DEFAULT_ACCESS.delegation,
            },
          }),
      ...(srv6 === undefined
        ? {}
        : { srv6: { sid: addressText(srv6.sid), mtu: srv6.mtu ?? DEFAULT_ACCESS.tunnelMtu } }),
      wireguard: Object.entries(point.wireguard ?? {}).map(([id, device]) => ({
        id,
        endpoint: addressText(device.endpoint),
        port: device.port ?? DEFAULT_ACCESS.wireguardPort,
        mtu: device.mtu ?? DEFAULT_ACCESS.wireguardMtu,
        pools: device.pools.map(prefixText),
        addresses: (device.addresses ?? []).map(addressText),
      })),
    };
  });
}

function prefixText(text: string): string {
  return canonicalPrefix(text) ?? text;
}

function addressText(text: string): string {
  return canonicalAddress(text) ?? text;
}
