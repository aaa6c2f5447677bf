import type { Kind } from "../../core/kind.ts";
import { type Secret, sameSecret } from "../../core/secret.ts";
import { canonicalIp6, canonicalPrefix6 } from "../../wire/netlink/ip-text.ts";
import type { Endpoint } from "../../wire/wireguard/device.ts";

/** Somebody who may speak to one of our WireGuard devices. */
export interface WireguardPeer {
  readonly device: string;
  /** Base64. */
  readonly publicKey: string;
  readonly presharedKey?: Secret;
  /** Prefixes with length: sources that it may use and destinations that are its own. */
  readonly allowedIps: readonly string[];
  /** Seconds; 0: none. */
  readonly keepaliveS: number;
  /** Where it is first looked for. Peers move: what the kernel has learned since is as good. */
  readonly endpoint?: Endpoint;
  /** Only of an observed one: it has been heard. */
  readonly heard?: boolean;
}

export const wireguardPeerKind: Kind<WireguardPeer> = {
  name: "wireguard-peer",
  key: ({ device, publicKey }) => `${device} ${publicKey}`,
  normalise: ({ device, publicKey, presharedKey, allowedIps, keepaliveS, endpoint }) => ({
    device,
    publicKey,
    ...(presharedKey === undefined ? {} : { presharedKey }),
    allowedIps: sortedPrefixes(allowedIps),
    keepaliveS,
    ...(endpoint === undefined
      ? {}
      : {
          endpoint: { address: canonicalIp6(endpoint.address) ?? endpoint.address, port: endpoint.port },
        }),
  }),
  equal: (desired, observed) =>
    desired.keepaliveS === observed.keepaliveS &&
    desired.allowedIps.length === observed.allowedIps.length &&
    desired.allowedIps.every((prefix, i) => prefix === observed.allowedIps[i]) &&
    sameSecret(desired.presharedKey, observed.presharedKey) &&
    (desired.endpoint === undefined ||
      observed.heard === true ||
      (desired.endpoint.address === observed.endpoint?.address &&
        desired.endpoint.port === observed.endpoint.port)),
  content: ({ keepaliveS, allowedIps }) => [keepaliveS, allowedIps],
  describe: ({ device, publicKey, presharedKey, allowedIps, keepaliveS, endpoint }) =>
    [
      `peer ${publicKey} of ${device} allowed-ips ${allowedIps.length === 0 ? "(none)" : allowedIps.join(",")}`,
      endpoint === undefined ? "" : `endpoint [${endpoint.address}]:${endpoint.port}`,
      keepaliveS === 0 ? "" : `persistent-keepalive ${keepaliveS}`,
      presharedKey === undefined ? "" : "with a preshared key",
    ]
      .filter((word) => word !== "")
      .join(" "),
};

/** Canonical, each once, in one order: neither implementation promises the order in which they were told. */
export function sortedPrefixes(prefixes: readonly string[]): readonly string[] {
  if (prefixes.length === 1) {
    const [only = ""] = prefixes;
    const canonical = canonicalPrefix6(only) ?? only;
    return canonical === only ? prefixes : [canonical];
  }
  return [...new Set(prefixes.map((prefix) => canonicalPrefix6(prefix) ?? prefix))].sort();
}
