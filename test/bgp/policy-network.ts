import type { OriginatePart } from "@vsix/shared/contract/part-bgp.ts";
import { connectGobgp, type GobgpClient } from "gobgp-ts";
import type { Path } from "gobgp-ts/types.ts";
import { compileSpeaker } from "../../agent/src/core/bgp/compile.ts";
import type { Speaker } from "../../agent/src/core/bgp/speaker.ts";
import { bgpDriver } from "../../agent/src/resources/bgp/driver.ts";
import type { BgpEngine } from "../../agent/src/resources/bgp/engine.ts";
import { Network, until } from "./network.ts";
import { bgpPart, neighbour, steering } from "./parts.ts";

/** Edge, one router each of Blue and Green, an External Edge, and two upstreams that are BIRD. */
export type RouterName = "edge" | "blue" | "green" | "xe";
export const ROUTERS: readonly RouterName[] = ["edge", "blue", "green", "xe"];

/** NET::1 is the first node's, NET::2 the second's. */
const LINKS: readonly (readonly [string, string, string])[] = [
  ["edge", "blue", "fd00:eb"],
  ["edge", "green", "fd00:e6"],
  ["blue", "xe", "fd00:b0"],
  ["green", "xe", "fd00:60"],
  ["xe", "up1", "fd00:a1"],
  ["xe", "up2", "fd00:a2"],
];

export const EDGE_PREFIX = "2001:db8:1::/48";
export const NEXT_HOP = {
  blue: "fd00:eb::2",
  green: "fd00:e6::2",
  blueFromXe: "fd00:b0::1",
  greenFromXe: "fd00:60::1",
};

export interface Meds {
  readonly blue: number;
  readonly green: number;
}

/** What each router should be, given how much the Edge is wanted on each plane. */
export function speakerOf(
  router: RouterName,
  meds: Meds,
  maxPrefixes = 100,
  edgeTable: "default" | "full" = "default",
  stolen: readonly OriginatePart[] = [],
): Speaker {
  switch (router) {
    case "edge":
      return compileSpeaker({
        nodeId: 11,
        bgp: bgpPart({
          asn: 65001,
          routerId: "10.0.0.11",
          originate: [{ prefix: EDGE_PREFIX, class: "edge" }, ...stolen],
          neighbours: [
            neighbour({ name: "blue", kind: "backbone", address: "fd00:eb::2", asn: 4690, plane: "blue" }),
            neighbour({ name: "green", kind: "backbone", address: "fd00:e6::2", asn: 4690, plane: "green" }),
          ],
        }),
      });
    case "blue":
    case "green": {
      const blue = router === "blue";
      const net = blue ? "fd00:eb" : "fd00:e6";
      const up = blue ? "fd00:b0" : "fd00:60";
      return compileSpeaker({
        nodeId: blue ? 1 : 2,
        steering: steering({ edge: meds[router] }),
        bgp: bgpPart({
          asn: blue ? 65101 : 65102,
          routerId: blue ? "10.0.0.1" : "10.0.0.2",
          originate: [
            { prefix: blue ? "2001:db8:ff00::1/128" : "2001:db8:ff00::2/128", class: "infrastructure" },
          ],
          neighbours: [
            neighbour({
              name: "edge",
              kind: "edge",
              address: `${net}::1`,
              asn: 65001,
              accept: [EDGE_PREFIX],
              table: edgeTable,
              maxPrefixes,
            }),
            neighbour({ name: "xe", kind: "external-edge", address: `${up}::2`, asn: 65100, id: 3 }),
          ],
        }),
      });
    }
    case "xe":
      return compileSpeaker({
        nodeId: 3,
        bgp: bgpPart({
          asn: 65100,
          routerId: "10.0.0.3",
          originate: [
            { prefix: "::/0", class: "default" },
            { prefix: "2001:db8::/32", class: "aggregate" },
            { prefix: "2001:db8:ff00::3/128", class: "infrastructure" },
            { prefix: "2001:db8:ff10::/64", class: "infrastructure", plane: "blue" },
            { prefix: "2001:db8:ff20::/64", class: "infrastructure", plane: "green" },
          ],
          neighbours: [
            neighbour({
              name: "blue",
              kind: "plane",
              address: "fd00:b0::1",
              asn: 65101,
              plane: "blue",
              id: 1,
            }),
            neighbour({
              name: "green",
              kind: "plane",
              address: "fd00:60::1",
              asn: 65102,
              plane: "green",
              id: 2,
            }),
            neighbour({ name: "up1", kind: "upstream", address: "fd00:a1::2", asn: 2500 }),
            neighbour({ name: "up2", kind: "upstream", address: "fd00:a2::2", asn: 2516 }),
          ],
        }),
      });
  }
}

/** A transit with static routes; `extra` are more filter words for what it announces. */
export function birdConfig(asn: number, net: string, routes: readonly string[]): string {
  return `router id 10.9.0.${asn % 250};
protocol device {}
protocol static { ipv6; ${routes.map((route) => `route ${route};`).join(" ")} }
protocol bgp xe {
  local ${net}::2 as ${asn}; neighbor ${net}::1 as 4690; hold time 9; connect retry time 1; direct;
  ipv6 { import all; export all; import table; };
}
`;
}

/** Hostile large communities of ours on one route, a good path on the other. */
export const UP1_ROUTES = [
  "3fff:2500::/32 blackhole { bgp_large_community.add((4690, 80, 3)); bgp_large_community.add((4690, 90, 0)); }",
  "3fff:aaaa::/40 blackhole",
];
export const UP2_ROUTES = ["3fff:2516::/32 blackhole", "3fff:aaaa::/40 blackhole"];

export interface PolicyNetwork extends AsyncDisposable {
  readonly network: Network;
  readonly engines: Readonly<Record<RouterName, BgpEngine>>;
  readonly clients: Readonly<Record<RouterName, GobgpClient>>;
  /** Every router's speaker as it should be for these MEDs; returns what changed on each. */
  reconcile(meds: Meds): Promise<Readonly<Record<RouterName, readonly string[]>>>;
}

export async function policyNetwork(topic: string, meds: Meds): Promise<PolicyNetwork> {
  const network = await Network.create(topic, [...ROUTERS, "up1", "up2"]);
  try {
    for (const [a, b, net] of LINKS) await network.link(a, b, net);
    await Promise.all(ROUTERS.map((router) => network.startGobgpd(router)));
    await network.startBird("up1", birdConfig(2500, "fd00:a1", UP1_ROUTES));
    await network.startBird("up2", birdConfig(2516, "fd00:a2", UP2_ROUTES));
    const make = <T>(value: (router: RouterName) => T): Record<RouterName, T> => ({
      edge: value("edge"),
      blue: value("blue"),
      green: value("green"),
      xe: value("xe"),
    });
    const engines = make((router) => bgpDriver({ socketPath: network.socketPath(router) }));
    const clients = make((router) => connectGobgp({ socketPath: network.socketPath(router) }));
    const signal = AbortSignal.timeout(120_000);
    const reconcile = async (wanted: Meds): Promise<Record<RouterName, readonly string[]>> => {
      const done = await Promise.all(
        ROUTERS.map(
          async (router) => (await engines[router].reconcile(speakerOf(router, wanted), signal)).changed,
        ),
      );
      return make((router) => done[ROUTERS.indexOf(router)] ?? []);
    };
    await reconcile(meds);
    await until("all sessions", async () => {
      const states = (await Promise.all(ROUTERS.map((router) => engines[router].sessions()))).flat();
      return states.length === 10 && states.every((state) => state.state === "established");
    });
    return {
      network,
      engines,
      clients,
      reconcile,
      [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
    };
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

/** Everything in a table, as `prefix` to its paths. */
export async function table(
  client: GobgpClient,
  which: "global" | "adj-in" | "adj-out" = "global",
  neighbourAddress?: string,
): Promise<ReadonlyMap<string, readonly Path[]>> {
  const found = new Map<string, Path[]>();
  const query = { table: which, ...(neighbourAddress === undefined ? {} : { neighbour: neighbourAddress }) };
  for await (const path of client.listPaths(query)) {
    const paths = found.get(path.prefix) ?? [];
    paths.push(path);
    found.set(path.prefix, paths);
  }
  return found;
}

/** Next hop of the best path; undefined when there is none. */
export async function bestNextHop(client: GobgpClient, prefix: string): Promise<string | undefined> {
  for await (const path of client.listPaths({ table: "global", prefixes: [prefix] }))
    if (path.best) return path.nextHop;
  return undefined;
}
