import assert from "node:assert/strict";
import { test } from "node:test";
import type { Path } from "gobgp-ts/types.ts";
import { Network, until } from "./network.ts";
import { birdConfig, policyNetwork, table } from "./policy-network.ts";

const skip = Network.missing() ?? false;

test("What each upstream tells of an address: its most specific route, before policy", { skip }, async () => {
  await using lab = await policyNetwork("cover", { blue: 100, green: 200 });
  const { clients, engines, network } = lab;
  const own = "2001:db8:77::/48 blackhole";
  const detailed =
    "3fff:aaaa:1::/48 blackhole { bgp_path.prepend(65010); bgp_path.prepend(65020); bgp_community.add((65010, 7)); }";
  const config = birdConfig(2500, "fd00:a1", ["3fff:aaaa::/40 blackhole", detailed, own]);
  // Of a MED that a static route has, BIRD tells an external neighbour nothing.
  await network.reconfigureBird(
    "up1",
    config.replace("export all", "export filter { if net.len = 48 then bgp_med = 42; accept; }"),
  );
  await until("up1's routes", async () => (await table(clients.xe)).has("3fff:aaaa:1::/48"));

  const covering = async (neighbour: string, address: string): Promise<readonly Path[]> => {
    const found: Path[] = [];
    const query = { table: "adj-in", neighbour, covering: [address], filtered: true } as const;
    for await (const path of clients.xe.listPaths(query)) found.push(path);
    return found;
  };
  assert.deepEqual(
    (await covering("fd00:a1::2", "3fff:aaaa:1::9")).map(({ prefix }) => prefix),
    ["3fff:aaaa:1::/48"],
  );
  assert.deepEqual(
    (await covering("fd00:a2::2", "3fff:aaaa:1::9")).map(({ prefix }) => prefix),
    ["3fff:aaaa::/40"],
  );
  assert.deepEqual(await covering("fd00:a2::2", "3fff:bbbb::1"), []);

  const [refused, first, ...more] = await engines.xe.routesTowards("fd00:a1::2", [
    "3fff:aaaa:1::9",
    "3fff:aaaa:2::9",
    "3fff:bbbb::1",
    "2001:db8:77::1",
  ]);
  assert.deepEqual(first, {
    prefix: "3fff:aaaa:1::/48",
    asPath: [2500, 65020, 65010],
    origin: "igp",
    med: 42,
    nextHop: "fd00:a1::2",
    communities: ["65010:7"],
    filtered: false,
  });
  assert.partialDeepStrictEqual(refused, { prefix: "2001:db8:77::/48", filtered: true });
  assert.deepEqual(
    more.map(({ prefix, filtered }) => [prefix, filtered]),
    [["3fff:aaaa::/40", false]],
  );

  // What gobgpd itself uses, by the longest prefix: up1 has the /48 alone, and of the /40 one of the two.
  const choices = await engines.xe.choices(["3fff:aaaa:1::9", "3fff:aaaa:2::9", "3fff:bbbb::1"]);
  assert.equal(choices.get("3fff:aaaa:1::/48"), "fd00:a1::2");
  assert.ok(["fd00:a1::2", "fd00:a2::2"].includes(choices.get("3fff:aaaa::/40") ?? ""));
});
