import assert from "node:assert/strict";
import { ResourceTable } from "../../agent/src/core/resource-table.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { type RouteObject, routeKind } from "../../agent/src/resources/route/model.ts";
import { insideNamespace, ip, veth } from "./in-namespace.ts";
import { withKernel } from "./law.ts";

/** `node test/kernel/route-bench.ts [ROUTES]`: the route driver beside `ip -batch`, in seconds, as one line of JSON a round. */
if (await insideNamespace("bench", import.meta.url)) {
  const count = Number(process.argv[2] ?? 50_000);
  veth("v0", "v1");
  ip(["nexthop", "add", "id", "1", "via", "fe80::1", "dev", "v0", "proto", "118"]);
  ip(["nexthop", "add", "id", "2", "via", "fe80::2", "dev", "v0", "proto", "118"]);
  const prefix = (i: number): string => `2001:db8:${(i >> 8).toString(16)}:${(i & 0xff).toString(16)}::/64`;
  const routes = (nexthopId: number): RouteObject[] =>
    Array.from({ length: count }, (_, i) => ({
      table: 254,
      prefix: prefix(i),
      metric: 20,
      type: "unicast",
      nexthopId,
    }));
  const signal = AbortSignal.timeout(120_000);

  await withKernel(async (netlink, links) => {
    const driver = routeDriver(netlink, links);
    for (let round = 0; round < 3; round++) {
      const table = new ResourceTable(routeKind);
      const seconds: Record<string, number> = {};
      const time = async (what: string, body: () => Promise<void> | void): Promise<void> => {
        const start = performance.now();
        await body();
        seconds[what] = Math.round(performance.now() - start) / 1000;
      };
      const applied = async (): Promise<void> => {
        const { puts, deletes } = table.plan(0, true);
        const changes = [...puts, ...deletes];
        assert.equal(changes.length, count);
        const outcomes = await driver.apply(changes, signal);
        assert.ok(outcomes.every(({ ok }) => ok));
        table.settle(changes, outcomes, 0);
      };
      await time("setDesired", () => table.setDesired(routes(1)));
      await time("create", applied);
      await time("observe", async () => {
        table.setObserved(await driver.observe(signal));
      });
      const left = table.plan(0, true);
      assert.equal(left.puts.length + left.deletes.length, 0);
      table.setDesired(routes(2));
      await time("replace", applied);
      table.setDesired([]);
      await time("delete", applied);
      const lines = routes(1).map((route) => `route add ${route.prefix} nhid 1 proto 118 metric 20`);
      await time("ipBatch", () => void ip(["-6", "-batch", "-"], lines.join("\n")));
      ip(["nexthop", "del", "id", "1"]);
      ip(["nexthop", "add", "id", "1", "via", "fe80::1", "dev", "v0", "proto", "118"]);
      console.log(JSON.stringify({ routes: count, seconds }));
    }
  });
}
