import { connectGobgp, type GobgpClient } from "gobgp-ts";
import { compileSpeaker } from "../../agent/src/core/bgp/compile.ts";
import type { Speaker } from "../../agent/src/core/bgp/speaker.ts";
import { bgpDriver } from "../../agent/src/resources/bgp/driver.ts";
import type { BgpEngine } from "../../agent/src/resources/bgp/engine.ts";
import { Network, until } from "./network.ts";
import { bgpPart, neighbour } from "./parts.ts";

/** One plane: three routers in a triangle with unequal costs; b also has an External Edge beside it in tests of feeds. */
export type PlaneRouter = "a" | "b" | "c";
export const PLANE_ROUTERS: readonly PlaneRouter[] = ["a", "b", "c"];

const IDS: Readonly<Record<PlaneRouter, number>> = { a: 1, b: 2, c: 3 };

/** `from` is ::1 of `net`, `to` is ::2. */
export interface PlaneLink {
  readonly from: PlaneRouter;
  readonly to: PlaneRouter;
  readonly net: string;
  readonly cost: number;
}

export const PLANE_LINKS: readonly PlaneLink[] = [
  { from: "a", to: "b", net: "fd00:ab", cost: 10 },
  { from: "b", to: "c", net: "fd00:bc", cost: 15 },
  { from: "a", to: "c", net: "fd00:ac", cost: 40 },
];

export function planeSpeaker(router: PlaneRouter): Speaker {
  const neighbours = PLANE_LINKS.filter((link) => link.from === router || link.to === router).map((link) => {
    const first = link.from === router;
    const name = first ? link.to : link.from;
    return neighbour({
      name,
      kind: "plane-internal",
      address: `${link.net}::${first ? 2 : 1}`,
      asn: 65101,
      id: IDS[name],
      cost: link.cost,
    });
  });
  return compileSpeaker({
    nodeId: IDS[router],
    bgp: bgpPart({
      asn: 65101,
      routerId: `10.0.0.${IDS[router]}`,
      originate: [{ prefix: `2001:db8:ff00::${IDS[router]}/128`, class: "infrastructure" }],
      neighbours,
    }),
  });
}

export interface PlaneNetwork extends AsyncDisposable {
  readonly network: Network;
  readonly engines: Readonly<Record<PlaneRouter, BgpEngine>>;
  readonly clients: Readonly<Record<PlaneRouter, GobgpClient>>;
}

export async function planeNetwork(topic: string): Promise<PlaneNetwork> {
  const network = await Network.create(topic, PLANE_ROUTERS);
  try {
    for (const { from, to, net } of PLANE_LINKS) await network.link(from, to, net);
    await Promise.all(PLANE_ROUTERS.map((router) => network.startGobgpd(router)));
    const make = <T>(value: (router: PlaneRouter) => T): Record<PlaneRouter, T> => ({
      a: value("a"),
      b: value("b"),
      c: value("c"),
    });
    const engines = make((router) => bgpDriver({ socketPath: network.socketPath(router) }));
    const clients = make((router) => connectGobgp({ socketPath: network.socketPath(router) }));
    const signal = AbortSignal.timeout(60_000);
    for (const router of PLANE_ROUTERS) await engines[router].reconcile(planeSpeaker(router), signal);
    await allSessions({ engines });
    return { network, engines, clients, [Symbol.asyncDispose]: () => network[Symbol.asyncDispose]() };
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

/** What both agents do when they see their link lost or back: close the session, or let it come up again. */
export async function setLink(
  { engines }: PlaneNetwork,
  { from, to, net }: PlaneLink,
  up: boolean,
): Promise<void> {
  await engines[from].setPeerEnabled(`${net}::2`, up, "link");
  await engines[to].setPeerEnabled(`${net}::1`, up, "link");
}

/** Waits until every session between routers that are there is up. */
export async function allSessions({ engines }: Pick<PlaneNetwork, "engines">): Promise<void> {
  await until("all sessions", async () => {
    const states = (await Promise.all(PLANE_ROUTERS.map((router) => engines[router].sessions()))).flat();
    return states.length === 6 && states.every((state) => state.state === "established");
  });
}

/** The router whose link address this is. */
export function routerAt(nextHop: string): PlaneRouter | undefined {
  for (const { from, to, net } of PLANE_LINKS) {
    if (nextHop === `${net}::1`) return from;
    if (nextHop === `${net}::2`) return to;
  }
  return undefined;
}
