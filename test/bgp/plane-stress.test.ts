import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { Network, until } from "./network.ts";
import {
  PLANE_ROUTERS,
  type PlaneNetwork,
  type PlaneRouter,
  planeNetwork,
  routerAt,
} from "./plane-network.ts";
import { bestNextHop } from "./policy-network.ts";

const skip = Network.missing() ?? false;
const ROUNDS = 4;
const CHANGES = 120;
const PREFIXES = [1, 2, 3, 4, 5, 6].map((i) => `2001:db8:7${i}::/48`);
const SEED = 4690;

/** Where packets for a prefix go hop by hop, as the routers' best paths say. */
async function walk(lab: PlaneNetwork, from: PlaneRouter, prefix: string): Promise<string> {
  let at = from;
  let path: string = from;
  for (let hops = 0; hops < 4; hops++) {
    const nextHop = await bestNextHop(lab.clients[at], prefix);
    if (nextHop === "::") return `${path} arrived`;
    const next = nextHop === undefined ? undefined : routerAt(nextHop);
    if (next === undefined) return `${path} lost`;
    at = next;
    path += next;
  }
  return `${path} loop`;
}

test("Random announcements in a triangle with unequal costs leave no loop and no ghost", {
  skip,
}, async () => {
  await using lab = await planeNetwork("stress");
  const { clients } = lab;
  const choices = fc.sample(
    fc.tuple(fc.constantFrom(...PLANE_ROUTERS), fc.constantFrom(...PREFIXES), fc.nat(12)),
    { seed: SEED, numRuns: ROUNDS * CHANGES },
  );
  for (let round = 0; round < ROUNDS; round++) {
    const owners = new Map(PREFIXES.map((prefix) => [prefix, new Set<PlaneRouter>()]));
    const flip = async (router: PlaneRouter, prefix: string): Promise<void> => {
      const path = { prefix, nextHop: "::", largeCommunities: ["4690:80:3"] };
      const set = owners.get(prefix) ?? new Set();
      if (set.delete(router)) await clients[router].deletePath(path);
      else {
        set.add(router);
        await clients[router].addPath(path);
      }
    };
    for (const [router, prefix, pauseMs] of choices.slice(round * CHANGES, (round + 1) * CHANGES)) {
      await flip(router, prefix);
      await sleep(pauseMs);
    }
    for (const [prefix, set] of owners) {
      for (const router of PLANE_ROUTERS) {
        const expected = set.size === 0 ? "lost" : "arrived";
        await until(
          `round ${round}: ${prefix} of ${[...set].join()} from ${router} ${expected}`,
          async () => (await walk(lab, router, prefix)).endsWith(expected),
          5000,
        );
      }
    }
    for (const [prefix, set] of owners) for (const router of [...set]) await flip(router, prefix);
    for (const router of PLANE_ROUTERS)
      await until(
        `round ${round}: no ghost at ${router}`,
        async () => {
          for await (const _ of clients[router].listPaths({ table: "global", prefixes: PREFIXES }))
            return false;
          return true;
        },
        5000,
      );
  }
  assert.equal(await walk(lab, "a", "2001:db8:ff00::3/128"), "abc arrived");
});
