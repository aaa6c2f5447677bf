import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { feedRouterId } from "../../agent/src/sensors/bgp-feed.ts";
import type { FeedEvent, FeedRoute } from "../../agent/src/sensors/bgp-session.ts";
import { Network, until } from "./network.ts";
import { type PlaneNetwork, planeNetwork, planeSpeaker } from "./plane-network.ts";

const skip = Network.missing() ?? false;
const RUNNER = fileURLToPath(new URL("feed-runner.ts", import.meta.url));

/** A feed beside router b's gobgpd, and what it has said. */
async function feedAtB(
  lab: PlaneNetwork,
): Promise<{ readonly events: FeedEvent[]; readonly child: ChildProcess }> {
  const events: FeedEvent[] = [];
  // a key of its own: the network kills it at the end, and `kill("b")` still means gobgpd
  const child = await lab.network.start("b", process.execPath, [RUNNER, "65101", "10.0.0.2"], "feed");
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on("line", (line) => events.push(JSON.parse(line) as FeedEvent));
  return { events, child };
}

/** What a reader of the events holds now. */
function held(events: readonly FeedEvent[]): ReadonlyMap<string, FeedRoute> {
  const routes = new Map<string, FeedRoute>();
  for (const event of events) {
    if (event.type !== "routes") continue;
    for (const prefix of event.withdraw) routes.delete(prefix);
    for (const route of event.reach) routes.set(route.prefix, route);
  }
  return routes;
}

test("Best paths reach the feed, iBGP-learned ones too, and it sees the engine die and come back", {
  skip,
}, async () => {
  await using lab = await planeNetwork("feed");
  const { clients, engines, network } = lab;
  const { events, child } = await feedAtB(lab);
  await until("End-of-RIB", async () => events.some((event) => event.type === "end-of-rib"));
  assert.deepEqual(events[0], { type: "up", routerId: "10.0.0.2" });
  await until("three loopbacks", async () => held(events).size === 3);
  const first = held(events);
  assert.equal(first.get("2001:db8:ff00::1/128")?.nextHop, "fd00:ab::1");
  assert.equal(first.get("2001:db8:ff00::3/128")?.nextHop, "fd00:bc::2");
  assert.equal(first.get("2001:db8:ff00::2/128")?.nextHop, "::1");
  assert.equal(first.get("2001:db8:ff00::1/128")?.med, 10);
  assert.ok(first.get("2001:db8:ff00::1/128")?.largeCommunities.includes("4690:80:2"));
  assert.ok(feedRouterId("10.0.0.2") !== "10.0.0.2");

  const path = { prefix: "2001:db8:7::/48", nextHop: "::", largeCommunities: ["4690:80:3"] };
  await clients.c.addPath(path);
  await until("a new route", async () => held(events).get(path.prefix)?.nextHop === "fd00:bc::2");
  await clients.c.deletePath(path);
  await until("its withdrawal", async () => !held(events).has(path.prefix));

  // the link b-c fails: everything of c comes by a, once a's own session to c is up
  await until("a's session to c", async () =>
    (await engines.a.sessions()).every(({ state }) => state === "established"),
  );
  await engines.b.setPeerEnabled("fd00:bc::2", false, "link down");
  await until("the detour", async () => held(events).get("2001:db8:ff00::3/128")?.nextHop === "fd00:ab::1");

  const before = events.length;
  await network.kill("b");
  await until("down", async () => events.slice(before).some((event) => event.type === "down"));
  await network.startGobgpd("b");
  const { restarted } = await engines.b.reconcile(planeSpeaker("b"), AbortSignal.timeout(60_000));
  assert.equal(restarted, true);
  const again = before + 1;
  await until("the second End-of-RIB", async () =>
    events.slice(again).some((event) => event.type === "end-of-rib"),
  );
  await until("three loopbacks again", async () => held(events.slice(again)).size === 3);
  child.kill("SIGTERM");
  await until("a last down", async () => events.at(-1)?.type === "down");
  assert.deepEqual(events.at(-1), { type: "down", reason: "feed stopped" });
});
