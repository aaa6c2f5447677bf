import { compileAccess } from "../../agent/src/core/compile/access.ts";
import type { LinkTable } from "../../agent/src/io/links.ts";
import type { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { nexthopDriver } from "../../agent/src/resources/nexthop/driver.ts";
import { nexthopKind } from "../../agent/src/resources/nexthop/model.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { routeKind } from "../../agent/src/resources/route/model.ts";
import { sidDriver } from "../../agent/src/resources/sid/driver.ts";
import { sidKind } from "../../agent/src/resources/sid/model.ts";
import { Kept, kernelMB, run, timed, times } from "./access-bed.ts";

/** As many users by SRv6 as the agent makes of a part: one SID for all, an encapsulation and a route for each. */
export async function srv6Users(netlink: NetlinkSocket, links: LinkTable, count: number): Promise<void> {
  run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
  run("ip", "link", "set", "v0", "up");
  run("ip", "link", "set", "v1", "up");
  await links.refresh(new AbortController().signal);
  const hex = (n: number): string => n.toString(16);
  const userOf = (n: number) => ({
    id: `u${n}`,
    endpoint: `3fff:b::${hex(n + 1)}`,
    prefixes: [`2001:db8:${hex(0x2000 + (n >> 12))}:${hex((n & 0xfff) << 4)}::/60`],
  });
  const desiredOf = (users: number) =>
    compileAccess(
      {
        frame: {
          version: 1,
          shards: 0,
          tunnels: { mtu: 1460, hopLimit: 64 },
          srv6: { sid: "2001:db8:a::2", mtu: 1460 },
          wireguard: [],
        },
        tunnels: [],
        srv6: Array.from({ length: users }, (_, n) => userOf(n)),
        peers: [],
      },
      { nowMs: 0, keyOf: () => undefined, dev: "v0", portMtu: 1500 },
    );
  const nexthops = new Kept(nexthopKind, nexthopDriver(netlink, links));
  const routes = new Kept(routeKind, routeDriver(netlink, links));
  const sids = new Kept(sidKind, sidDriver(netlink, links));
  const want = (users: number): void => {
    const desired = desiredOf(users);
    nexthops.want(desired.nexthops);
    routes.want(desired.routes);
    sids.want(desired.sids);
  };
  const look = async (): Promise<number> =>
    (await nexthops.look()) + (await routes.look()) + (await sids.look());
  const settle = async (): Promise<void> => {
    await nexthops.settle();
    await routes.settle();
    await sids.settle();
  };
  const emptyMB = kernelMB();
  want(count);
  await timed("srv6: all", async () => {
    await look();
    await settle();
  });
  times["srv6: kernel memory"] = kernelMB() - emptyMB;
  const left = await timed("srv6: look again, nothing to do", look);
  if (left !== 0) throw new Error(`srv6: not empty: ${left}`);
  const [user, known] = [desiredOf(count + 1), desiredOf(count)];
  const nexthop = user.nexthops.find(({ id }) => !known.nexthops.some((one) => one.id === id));
  const route = user.routes.find(({ nexthopId }) => nexthopId === nexthop?.id);
  if (nexthop === undefined || route === undefined) throw new Error("no user more");
  await timed("srv6: one more", async () => {
    nexthops.put(nexthop);
    routes.put(route);
    await settle();
  });
  await timed("srv6: revoke one", async () => {
    routes.remove(route);
    nexthops.remove(nexthop);
    await routes.settle();
    await nexthops.settle();
  });
  routes.want([]);
  nexthops.want([]);
  sids.want([]);
  await sids.settle();
  await routes.settle();
  await nexthops.settle();
  run("ip", "link", "del", "v0");
}
