import { DEFAULT_ACCESS } from "@vsix/shared/fabric/access-model.ts";
import { ControllerError } from "../errors.ts";
import type { TunnelAnswer, VpnAnswer } from "../http/schemas-account.ts";
import type { Context } from "../operations/context.ts";
import { requireInForce } from "../operations/context.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";
import { viewApplications } from "./account-view.ts";

/**
 * Everything that a VPN device has to be told but its own private key. Throws `bad-application` for another service,
 * `application-state` while it is not served, `vpn-not-ready` until it is among those whom routers are told of, and while their key is
 * not known, or is not one.
 */
export async function vpnSettings(context: Context, application: ApplicationTable): Promise<VpnAnswer> {
  const { desired, users } = context;
  const { id, service } = application;
  if (service !== "remote-access-vpn")
    throw new ControllerError("bad-application", `application ${id} is for ${service}: it has no VPN device`);
  const standing = users.book.standing(id);
  const user = users.book.user(id);
  if (standing === undefined || user?.publicKey == null || user.presharedKey === null)
    throw await notServed(context, application, "vpn-not-ready");
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

/**
 * Everything that the router at a tunnel's far end has to be told. Throws `bad-application` for another service, `application-state` while it
 * is not served, `tunnel-not-ready` until it is among those whom routers are told of.
 */
export async function tunnelSettings(context: Context, application: ApplicationTable): Promise<TunnelAnswer> {
  const { desired, users } = context;
  const { id, service, endpoint } = application;
  if (service === "remote-access-vpn")
    throw new ControllerError("bad-application", `application ${id} is for ${service}: it has no tunnel`);
  const standing = users.book.standing(id);
  const user = users.book.user(id);
  if (standing === undefined || user === undefined || endpoint === null)
    throw await notServed(context, application, "tunnel-not-ready");
  const { services } = requireInForce(desired.inForce).fabric;
  const point = services?.access?.find(({ name }) => name === standing.point);
  const remote = service === "srv6-access" ? point?.srv6?.sid : point?.tunnel?.address;
  const mtu = service === "srv6-access" ? point?.srv6?.mtu : point?.tunnel?.mtu;
  if (point === undefined || remote === undefined || mtu === undefined)
    throw new ControllerError(
      "tunnel-not-ready",
      `access point ${standing.point} has nothing for ${service}`,
    );
  return {
    application: id,
    point: point.name,
    local: endpoint,
    remote,
    mtu,
    hopLimit: point.tunnel?.hopLimit ?? DEFAULT_ACCESS.hopLimit,
    // Users by SRv6 have no device there that could be asked.
    delegation: service === "generic-tunneling" && point.tunnel?.delegation === true,
    prefixes: [...user.prefixes],
    resolvers: [...(services?.resolver?.anycast ?? [])],
  };
}

/** Why there is nothing to be told of it: what keeps it from being served, or that it was taken a moment ago (push.ts). */
async function notServed(
  context: Context,
  application: ApplicationTable,
  notYet: "vpn-not-ready" | "tunnel-not-ready",
): Promise<ControllerError> {
  const { id, state } = application;
  const [view] = await viewApplications(context, [application]);
  const reason = state === "active" ? (view?.held ?? view?.lacks ?? view?.waiting) : `it is ${state}`;
  return typeof reason === "string"
    ? new ControllerError("application-state", `application ${id} is not served: ${reason}`)
    : new ControllerError(
        notYet,
        `application ${id} has been taken and is on its way to its routers; ask again in a moment`,
      );
}
