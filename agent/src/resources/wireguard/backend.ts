import type { Link } from "../../io/links.ts";
import type { NetlinkError } from "../../io/netlink-error.ts";
import type { DeviceSettings, DeviceState, PeerChange } from "../../wire/wireguard/device.ts";

/** An implementation of WireGuard: the kernel's, or a program's. */
export interface WireguardBackend {
  readonly name: "kernel" | "wireguard-go";
  /** Whether this device, whose name begins as ours do, was made by us through this implementation. */
  owns(link: Link): boolean;
  /** Makes a device, down, without key or peers. @throws NetlinkError; EOPNOTSUPP where the implementation is not there. */
  create(name: string, signal: AbortSignal): Promise<void>;
  /** @throws NetlinkError */
  remove(link: Link, signal: AbortSignal): Promise<void>;
  /** @throws NetlinkError */
  read(name: string, signal: AbortSignal): Promise<DeviceState>;
  /** @throws NetlinkError */
  write(name: string, settings: DeviceSettings, signal: AbortSignal): Promise<void>;
  /** Makes changes, in order; what failed, by its place. One that fails does not keep the others from being made. */
  change(
    name: string,
    changes: readonly PeerChange[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, NetlinkError>>;
}
