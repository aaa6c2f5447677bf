import assert from "node:assert/strict";
import { test } from "node:test";
import type { Path } from "gobgp-ts/types.ts";
import { overLimit } from "../../agent/src/core/prefix-limit.ts";
import { Network, until } from "./network.ts";
import {
  bestNextHop,
  birdConfig,
  EDGE_PREFIX,
  NEXT_HOP,
  policyNetwork,
  speakerOf,
  table,
  UP1_ROUTES,
} from "./policy-network.ts";

const skip = Network.missing() ?? false;
const BLUE = { blue: 100, green: 200 };

/** Announcements of up1 that have to be refused, each for its own reason. */
const HOSTILE = [
  "2001:db8:1::/48 blackhole",
  "2001:db8::/32 blackhole",
  "fc00:1::/48 blackhole",
  "::/0 blackhole",
  "3fff:2500:1:8000::/49 blackhole",
  "3fff:bad::/40 blackhole { bgp_path.prepend(65101); }",
  "3fff:bae::/40 blackhole { bgp_path.prepend(4690); }",
];

function prefixes(found: ReadonlyMap<string, readonly Path[]>): readonly string[] {
  return [...found.keys()].sort();
}

test("Nothing passes that policy does not name", { skip }, async (t) => {
  await using lab = await policyNetwork("law", BLUE);
  const { clients, engines, network } = lab;
  const signal = AbortSignal.timeout(120_000);
  await until("both planes at xe", async () => (await table(clients.xe)).get(EDGE_PREFIX)?.length === 2);
  await until("transits at xe", async () => (await table(clients.xe)).get("3fff:aaaa::/40")?.length === 2);
  await until("transits at blue", async () => (await table(clients.blue)).has("3fff:2500::/32"));

  await t.test(
    "An upstream hears our aggregates only, without MED, our communities or private AS numbers",
    async () => {
      for (const address of ["fd00:a1::2", "fd00:a2::2"]) {
        const out = await table(clients.xe, "adj-out", address);
        assert.deepEqual(prefixes(out), ["2001:db8::/32"]);
      }
      const heard = await network.birdc("up1", "show", "route", "all", "protocol", "xe");
      assert.match(heard, /2001:db8::\/32/);
      assert.match(heard, /BGP\.as_path: 4690\n/);
      assert.doesNotMatch(heard, /large_community|BGP\.med|2516|ff00/);
    },
  );

  await t.test(
    "A plane hears nothing of the other plane, and each its own locator of the External Edge",
    async () => {
      for (const [plane, address, own, other] of [
        ["blue", "fd00:b0::1", "2001:db8:ff10::/64", "2001:db8:ff20::/64"],
        ["green", "fd00:60::1", "2001:db8:ff20::/64", "2001:db8:ff10::/64"],
      ] as const) {
        const out = prefixes(await table(clients.xe, "adj-out", address));
        assert.deepEqual(
          out,
          ["2001:db8:ff00::3/128", own, "3fff:2500::/32", "3fff:2516::/32", "3fff:aaaa::/40", "::/0"],
          plane,
        );
        assert.ok(!(await table(clients[plane])).has(other));
      }
      assert.ok(!(await table(clients.green)).has("2001:db8:ff00::1/128"));
      assert.ok(!(await table(clients.blue)).has("2001:db8:ff00::2/128"));
    },
  );

  await t.test("An Edge hears default and our own prefixes, and none of our communities", async () => {
    const heard = await table(clients.edge, "adj-in", NEXT_HOP.blue);
    assert.deepEqual(prefixes(heard), [
      "2001:db8:ff00::1/128",
      "2001:db8:ff00::3/128",
      "2001:db8:ff10::/64",
      "::/0",
    ]);
    for (const [path] of heard.values()) {
      assert.deepEqual(path?.largeCommunities, []);
      assert.equal(path?.med, 100);
    }
  });

  await t.test("An Edge with the full table hears transits too, and not its own prefix", async () => {
    const speaker = speakerOf("green", BLUE, 100, "full");
    await engines.green.reconcile(speaker, signal);
    await until("transits at the Edge", async () =>
      (await table(clients.edge, "adj-in", NEXT_HOP.green)).has("3fff:2516::/32"),
    );
    assert.ok(!(await table(clients.edge, "adj-in", NEXT_HOP.green)).has(EDGE_PREFIX));
    assert.deepEqual(await engines.green.plan(speaker), []);
    await engines.green.reconcile(speakerOf("green", BLUE), signal);
    await until("transits gone from the Edge", async () => {
      const heard = await table(clients.edge, "adj-in", NEXT_HOP.green);
      return heard.has("::/0") && !heard.has("3fff:2516::/32");
    });
  });

  await t.test("An upstream's forged communities are stripped and its MED forgotten", async () => {
    const [path] = (await table(clients.xe)).get("3fff:2500::/32") ?? [];
    assert.deepEqual(path?.largeCommunities, ["4690:80:5"]);
    assert.equal(path?.med, 0);
  });

  await t.test("An Edge that announces what is not its own changes nothing", async () => {
    const honest = speakerOf("edge", BLUE);
    const before = prefixes(await table(clients.blue));
    const stolen = ["2001:db8:2::/48", "3fff:2516::/32", "2001:db8:1:1:8000::/65", "::/0"];
    const exportable = stolen.map((prefix) => ({ prefix, class: "edge" as const }));
    await engines.edge.reconcile(speakerOf("edge", BLUE, 100, "default", exportable), signal);
    await until("blue to have heard it", async () => {
      const heard = await table(clients.blue, "adj-in", "fd00:eb::1");
      return stolen.every((prefix) => heard.has(prefix));
    });
    assert.deepEqual(prefixes(await table(clients.blue)), before);
    assert.equal(await bestNextHop(clients.blue, "3fff:2516::/32"), "fd00:b0::2");
    await engines.edge.reconcile(honest, signal);
  });

  await t.test(
    "An upstream that announces our space, bogons, default, long prefixes or our AS is refused",
    async () => {
      const before = prefixes(await table(clients.xe));
      await network.reconfigureBird("up1", birdConfig(2500, "fd00:a1", [...UP1_ROUTES, ...HOSTILE]));
      const heard = await until("xe to have heard it", async () => {
        const found = await table(clients.xe, "adj-in", "fd00:a1::2");
        return found.size === UP1_ROUTES.length + HOSTILE.length ? found : undefined;
      });
      assert.equal(heard.size, 9);
      assert.deepEqual(prefixes(await table(clients.xe)), before);
      assert.equal((await table(clients.xe)).get("::/0")?.length, 1);
    },
  );

  await t.test("A route that was good and then comes with our AS in its path leaves no ghost", async () => {
    const looped = UP1_ROUTES.map((route) => `${route.replace(/ \{.*/, "")} { bgp_path.prepend(4690); }`);
    await network.reconfigureBird("up1", birdConfig(2500, "fd00:a1", looped));
    await until("the route to be gone", async () => !(await table(clients.xe)).has("3fff:2500::/32"));
    assert.equal((await table(clients.xe)).get("3fff:aaaa::/40")?.length, 1);
  });

  await t.test("An upstream over its limit is seen and cut off, and nobody else", async () => {
    const many = Array.from({ length: 1001 }, (_, i) => `3fff:${(0x100 + i).toString(16)}::/40 blackhole`);
    await network.reconfigureBird("up1", birdConfig(2500, "fd00:a1", many));
    const limits = {
      neighbours: ["up1", "up2"].map((name, i) => ({
        name,
        address: `fd00:a${i + 1}::2`,
        maxPrefixes: 1000,
      })),
    };
    const over = async () => overLimit(limits, await engines.xe.sessions());
    await until("the limit", async () => (await over()).length > 0);
    const found = await over();
    assert.deepEqual(
      found.map(({ name }) => name),
      ["up1"],
    );
    for (const { address } of found) await engines.xe.setPeerEnabled(address, false, "announces too much");
    await until("the cut", async () =>
      (await engines.xe.sessions()).some((s) => s.neighbour === "up1" && s.admin === "down"),
    );
    const states = await engines.xe.sessions();
    assert.equal(states.filter((s) => s.state === "established").length, 3);
    assert.equal(states.find((s) => s.neighbour === "up1")?.note, "announces too much");
  });
});
