import { TABLE_MAIN } from "../../agent/src/core/ownership.ts";
import { ResourceTable } from "../../agent/src/core/resource-table.ts";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { type Managed, manage } from "../../agent/src/loop/managed-kind.ts";
import { nexthopDriver } from "../../agent/src/resources/nexthop/driver.ts";
import { type NexthopObject, nexthopKind } from "../../agent/src/resources/nexthop/model.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { type RouteObject, routeKind } from "../../agent/src/resources/route/model.ts";
import { checkStep } from "./fib-check.ts";
import { makePrefixes } from "./fib-routes.ts";
import { type FibTimes, NEXTHOPS, ROUTES, timed } from "./fib-setting.ts";

/**
 * The executor's side of the `fib` case, in a namespace of its own: `ip netns exec NS node fib-agent.ts`. Every time
 * is from "this is desired" to "the kernel has it and the table knows"; prints FibTimes, milliseconds.
 */
async function main(signal: AbortSignal): Promise<FibTimes> {
  const prefixes = makePrefixes(ROUTES);
  await using netlink = NetlinkSocket.open();
  await using links = await LinkTable.open(netlink);
  const nexthopTable = new ResourceTable<NexthopObject>(nexthopKind);
  const routeTable = new ResourceTable<RouteObject>(routeKind);
  const nexthops = manage(nexthopTable, nexthopDriver(netlink, links), () => true);
  const routes = manage(routeTable, routeDriver(netlink, links), () => true);

  const nexthop = (index: 0 | 1, via: 0 | 1 = index): NexthopObject => ({
    id: NEXTHOPS[index].id,
    via: NEXTHOPS[via].via,
    interface: NEXTHOPS[via].device,
  });
  const through = (index: 0 | 1): RouteObject[] =>
    prefixes.map((prefix) => ({
      table: TABLE_MAIN,
      prefix,
      metric: 20,
      type: "unicast",
      nexthopId: NEXTHOPS[index].id,
    }));
  const reconcile = async (managed: Managed): Promise<number> => {
    const changed = (await managed.put(0, signal)) + (await managed.remove(0, signal));
    if (managed.failures.size > 0) throw new Error([...managed.failures.values()][0]?.reason);
    return changed;
  };

  await nexthops.observe(signal);
  await routes.observe(signal);
  nexthopTable.setDesired([nexthop(0), nexthop(1)]);
  await reconcile(nexthops);

  const toFirst = through(0);
  const add = await timed(async () => {
    routeTable.setDesired(toFirst);
    await reconcile(routes);
  });
  await checkStep([], "add");
  let changed = 0;
  const replan = await timed(async () => {
    await routes.observe(signal);
    changed = await reconcile(routes);
  });
  if (changed > 0) throw new Error(`the second plan changed ${changed} routes`);
  const toSecond = through(1);
  const replace = await timed(async () => {
    routeTable.setDesired(toSecond);
    await reconcile(routes);
  });
  await checkStep([], "replace");
  const move = await timed(async () => {
    nexthopTable.setDesired([nexthop(0), nexthop(1, 0)]);
    await reconcile(nexthops);
  });
  await checkStep([], "move");
  const deleted = await timed(async () => {
    routeTable.setDesired([]);
    await reconcile(routes);
  });
  await checkStep([], "delete");
  return { add, replan, replace, move, delete: deleted };
}

process.stdout.write(`${JSON.stringify(await main(new AbortController().signal))}\n`);
