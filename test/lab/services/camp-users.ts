import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { openTunnel } from "./tunnel-homes.ts";
import { firstEcho } from "./user-echoes.ts";
import { createHost } from "./user-hosts.ts";
import { applyForVpn, connectVpn, type VpnDevice } from "./vpn-devices.ts";

/** Somebody who is served at an event, by a tunnel or as a VPN device. */
export interface CampUser extends VpnDevice {
  /** Access point that serves it. */
  readonly point: string;
  readonly service: "generic-tunneling" | "remote-access-vpn";
  /** Milliseconds from the application, made on his own machine, to the first echo from the world; -1: none came in time. */
  readonly servedMs: number;
}

/** How long a user waits for his first echo; seconds. */
const PATIENCE_S = 180;

/** A user's router that applies for a tunnel, behind somebody else's router. */
export interface TunnelWish {
  readonly user: string;
  readonly host: string;
  readonly upstream: string;
  /** Of the link to it: `3fff:250:a1::`. */
  readonly network: string;
  readonly site: string;
  readonly point: { readonly name: string; readonly address: string };
}

/** Applies for a tunnel and opens it; only `world` is reached by it. */
export async function joinByTunnel(
  { lab, ctlJson }: ScenarioContext,
  { user, host, upstream, network, site, point }: TunnelWish,
  world: string,
): Promise<CampUser> {
  const endpoint = await createHost(lab, upstream, host, network);
  const begunMs = performance.now();
  const words = ["application", "create", user, "generic-tunneling", "--device", host, "--site", site];
  const { id, prefixes } = (await ctlJson(...words, "--endpoint", endpoint)) as ApplicationAnswer;
  const address = await openTunnel(lab, host, endpoint, point.address, prefixes[0] ?? "", world);
  const servedMs = await firstEcho(lab, host, address, world, PATIENCE_S, begunMs);
  return { host, id, address, point: point.name, service: "generic-tunneling", servedMs };
}

export interface VpnWish {
  readonly user: string;
  readonly host: string;
  readonly upstream: string;
  readonly network: string;
  readonly point: string;
}

/** Makes a key, applies, and has wg-quick take what vsixctl wrote; only `world` is reached by it. */
export async function joinByVpn(
  context: ScenarioContext,
  { user, host, upstream, network, point }: VpnWish,
  world: string,
): Promise<CampUser> {
  await createHost(context.lab, upstream, host, network);
  const begunMs = performance.now();
  const device = await applyForVpn(context, user, host);
  await connectVpn(context, device, { only: `${world}/128` });
  const servedMs = await firstEcho(context.lab, host, device.address, world, PATIENCE_S, begunMs);
  return { ...device, point, service: "remote-access-vpn", servedMs };
}

/** Does it with all of them, so many at a time, in their order; what came of each. */
export async function fewAtATime<T, R>(
  items: readonly T[],
  atATime: number,
  act: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const done: R[] = [];
  for (let start = 0; start < items.length; start += atATime) {
    const batch = items.slice(start, start + atATime);
    done.push(...(await Promise.all(batch.map((item, i) => act(item, start + i)))));
  }
  return done;
}
