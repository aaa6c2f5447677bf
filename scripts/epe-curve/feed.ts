import type { PlannedDestination } from "../../controller/src/core/epe/destinations.ts";
import type { EgressEvidence } from "../../controller/src/core/epe/evidence/store.ts";
import type { Random } from "../judge-curve/random.ts";
import { measure } from "./measure.ts";
import { HEADEND } from "./network.ts";
import type { World } from "./world.ts";

const EPOCH_MS = 1_700_000_000_000;

export interface Feed {
  readonly names: readonly string[];
  readonly destinations: readonly PlannedDestination[];
  readonly loads: readonly number[];
  readonly octets: number[];
  readonly cycle: number;
  readonly nowMs: number;
  readonly cycleS: number;
  /** By how much the wall clocks of nodes are wrong just now. */
  readonly clockMs: number;
}

/** One cycle's messages, as nodes send them. */
export function feed(store: EgressEvidence, world: World, random: Random, given: Feed): void {
  const { names, destinations, loads, octets, cycle, nowMs, cycleS, clockMs } = given;
  const head = { version: 1, shard: 0, shards: 1 } as const;
  store.takeCycle(
    {
      ...head,
      node: HEADEND,
      instance: "a",
      cycle,
      startMs: nowMs + clockMs,
      ageMs: cycleS * 1000,
      peers: [...names],
      rows: world.targets.map((target, at) => ({
        address: destinations[at]?.address ?? "",
        ...measure(world, random, target, loads),
      })),
    },
    nowMs,
  );
  for (const [peer, load] of loads.entries()) octets[peer] = (octets[peer] ?? 0) + (load * cycleS * 1e6) / 8;
  for (const via of ["xe-1", "xe-2"]) {
    const own = names.flatMap((name, peer) => (name.startsWith(via) ? [{ name, peer }] : []));
    store.takeRoutes(
      {
        ...head,
        node: via,
        at: new Date(EPOCH_MS + nowMs + clockMs).toISOString(),
        peers: own.map(({ name, peer }) => ({
          name,
          state: peer === world.down ? "ACTIVE" : "ESTABLISHED",
          forMs: peer === world.flapping ? 3000 : 1e9,
          received: 1,
          sid: peer === world.down ? "lookup" : "peer",
          txOctets: octets[peer] ?? 0,
        })),
        rows: world.targets.map(({ paths }, at) => ({
          address: destinations[at]?.address ?? "",
          routes: own.flatMap(({ peer }, index) => {
            const path = paths[peer];
            if (path?.announced !== true || peer === world.down) return [];
            const asPath = Array.from({ length: path.asPathLength }, (_, hop) => 64_500 + hop);
            return [
              {
                peer: index,
                prefix: destinations[at]?.prefix ?? "",
                asPath,
                origin: "igp" as const,
                nextHop: "fe80::1",
                communities: [],
              },
            ];
          }),
        })),
      },
      nowMs,
    );
  }
}
