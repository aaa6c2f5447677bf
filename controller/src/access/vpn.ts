import { ControllerError } from "../errors.ts";
import type { VpnAnswer } from "../http/schemas-account.ts";
import type { Context } from "../operations/context.ts";
import { requireInForce } from "../operations/context.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";

/**
 * Everything that a VPN device has to be told but its own private key. Throws `bad-application` for another service,
 * `application-state` while it is not served, `vpn-not-ready` while the routers' key is not known, or is not one.
 */
export function vpnSettings({ desired, users }: Context, { id, service }: ApplicationTable): VpnAnswer {
  if (service !== "remote-access-vpn")
    throw new ControllerError("bad-application", `application ${id} is for ${service}: it has no VPN device`);
  const standing = users.book.standing(id);
  const user = users.book.user(id);
  if (standing === undefined || user?.publicKey == null || user.presharedKey === null)
    throw new ControllerError(
      "application-state",
      `application ${id} is not served: ${users.book.waiting(id) ?? "it is not active, or its user is not"}`,
    );
  const { services } = requireInForce(desired.inForce).fabric;
  const point = services?.access?.find(({ name }) => name === standing.point);
  const { device } = JSON.parse(standing.text) as { readonly device: string };
  const wireguard = point?.wireguard.find((one) => one.id === device);
  if (point === undefined || wireguard === undefined)
    throw new ControllerError("vpn-not-ready", `access point ${standing.point} has no device ${device}`);
  const keys = new Map(
    [...users.standings.deviceKeys(device)].filter(([router]) => point.routers.includes(router)),
  );
  const [publicKey, ...others] = new Set(keys.values());
  if (publicKey === undefined)
    throw new ControllerError(
      "vpn-not-ready",
      `no router of access point ${point.name} has told its public key yet`,
    );
  if (others.length > 0)
    throw new ControllerError(
      "vpn-not-ready",
      `routers of access point ${point.name} have different keys for ${device} (${[...keys.keys()].join(", ")}): they answer as one endpoint and need the same file wireguard-${device}.key`,
    );
  const v4 = services?.siitDc?.mappings.find(({ v6 }) => v6 === wireguard.endpoint)?.v4;
  return {
    application: id,
    point: point.name,
    endpoint: wireguard.endpoint,
    endpoint4: v4 ?? null,
    port: wireguard.port,
    publicKey,
    devicePublicKey: user.publicKey,
    presharedKey: user.presharedKey,
    addresses: [...user.prefixes],
    mtu: wireguard.mtu,
    resolvers: [...(services?.resolver?.anycast ?? [])],
  };
}
