import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { openTunnel } from "./tunnel-homes.ts";
import { hasEcho } from "./user-echoes.ts";
import { addressOn } from "./user-hosts.ts";
import { applyForVpn, connectVpn, type VpnDevice } from "./vpn-devices.ts";

/** Somebody who is served at an event, by a tunnel or as a VPN device. */
export interface CampUser extends VpnDevice {
  /** Access point that serves it. */
  readonly point: string;
  readonly service: "generic-tunneling" | "remote-access-vpn";
  readonly timesMs: JoinTimes;
}

/** Since he began to apply, milliseconds. */
export interface JoinTimes {
  /** His application was answered: he has his prefix or address. */
  readonly answered: number;
  /** His own side was set up. */
  readonly connected: number;
  /** The first echo came from the world; -1: none came in time. */
  readonly served: number;
}

/** How long a user waits for his first echo; seconds. */
const PATIENCE_S = 180;

/** Who wishes, on a host of his own behind somebody else's router. */
interface Wish {
  readonly user: string;
  readonly host: string;
  readonly upstream: string;
  /** Of the link to it: `3fff:250:a1::`. */
  readonly network: string;
}

/** A user's router that applies for a tunnel. */
export interface TunnelWish extends Wish {
  readonly site: string;
  readonly point: { readonly name: string; readonly address: string };
}

export interface VpnWish extends Wish {
  readonly point: string;
}

/** Applies for a tunnel from a host that is there, and opens it; only `world` is reached by it. */
export async function joinByTunnel(
  { lab, ctlJson }: ScenarioContext,
  { user, host, network, site, point }: TunnelWish,
  world: string,
): Promise<CampUser> {
  const since = stopwatch();
  const endpoint = addressOn(network);
  const words = ["application", "create", user, "generic-tunneling", "--device", host, "--site", site];
  const { id, prefixes } = (await ctlJson(...words, "--endpoint", endpoint)) as ApplicationAnswer;
  const answered = since();
  const address = await openTunnel(lab, host, endpoint, point.address, prefixes[0] ?? "", world);
  const connected = since();
  const served = (await hasEcho(lab, host, address, world, PATIENCE_S)) ? since() : -1;
  const timesMs = { answered, connected, served };
  return { host, id, address, point: point.name, service: "generic-tunneling", timesMs };
}

/** Makes a key on a host that is there, applies, and has wg-quick take what vsixctl wrote; only `world` is reached by it. */
export async function joinByVpn(
  context: ScenarioContext,
  { user, host, point }: VpnWish,
  world: string,
): Promise<CampUser> {
  const since = stopwatch();
  const device = await applyForVpn(context, user, host);
  const answered = since();
  await connectVpn(context, device, { only: `${world}/128` });
  const connected = since();
  const served = (await hasEcho(context.lab, host, device.address, world, PATIENCE_S)) ? since() : -1;
  return { ...device, point, service: "remote-access-vpn", timesMs: { answered, connected, served } };
}

function stopwatch(): () => number {
  const begunMs = performance.now();
  return () => Math.round(performance.now() - begunMs);
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
