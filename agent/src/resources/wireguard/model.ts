import type { Kind } from "../../core/kind.ts";
import { Secret, sameSecret } from "../../core/secret.ts";
import { clampKey } from "../../wire/wireguard/key.ts";

/** A WireGuard device, without its peers. */
export interface WireguardDevice {
  /** Begins with WIREGUARD_PREFIX: by this, and by its group or its marker, it is known to be ours. */
  readonly name: string;
  /** Octets, IP layer. */
  readonly mtu: number;
  readonly up: boolean;
  /** UDP port on all addresses. */
  readonly listenPort: number;
  /** Absent where the kernel has none yet; never desired so. */
  readonly privateKey?: Secret;
  /** Mark of the packets that carry it; 0: none. */
  readonly fwmark: number;
}

export const wireguardKind: Kind<WireguardDevice> = {
  name: "wireguard",
  key: ({ name }) => name,
  normalise: (desired) =>
    desired.privateKey === undefined
      ? desired
      : { ...desired, privateKey: new Secret(clampKey(desired.privateKey.reveal())) },
  equal: (desired, observed) =>
    desired.mtu === observed.mtu &&
    desired.up === observed.up &&
    desired.listenPort === observed.listenPort &&
    desired.fwmark === observed.fwmark &&
    sameSecret(desired.privateKey, observed.privateKey),
  content: ({ mtu, up, listenPort, fwmark }) => [mtu, up, listenPort, fwmark],
  describe: ({ name, mtu, up, listenPort, fwmark }) =>
    [
      `wireguard ${name} mtu ${mtu} listen-port ${listenPort}`,
      fwmark === 0 ? "" : `fwmark 0x${fwmark.toString(16)}`,
      up ? "up" : "down",
    ]
      .filter((word) => word !== "")
      .join(" "),
};
