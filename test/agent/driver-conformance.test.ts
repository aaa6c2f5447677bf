import { test } from "node:test";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { type RouteObject, routeKind } from "../../agent/src/resources/route/model.ts";
import { declareDriverConformance, type Subject } from "../fakes/driver-conformance.ts";
import { FakeDriver } from "../fakes/fake-kernel.ts";
import { insideNamespace, ip, veth } from "../kernel/in-namespace.ts";

const blackhole = (prefix: string): RouteObject => ({ table: 254, prefix, metric: 20, type: "blackhole" });
const DESIRED: readonly RouteObject[] = [
  blackhole("2001:db8:1::/48"),
  {
    table: 254,
    prefix: "2001:db8:2::/48",
    metric: 20,
    type: "unicast",
    via: "2001:db8:9::1",
    interface: "va",
  },
  blackhole("2001:db8:3::/48"),
  { table: 7600, prefix: "2001:db8:3::/48", metric: 0, type: "unreachable" },
];
const CHANGED: RouteObject = {
  table: 254,
  prefix: "2001:db8:2::/48",
  metric: 20,
  type: "unicast",
  via: "2001:db8:9::2",
  interface: "va",
};

const never = new AbortController().signal;

if (await insideNamespace("conformance", import.meta.url)) {
  declareDriverConformance<RouteObject>("the fake driver", () => {
    const fake = new FakeDriver(routeKind);
    const keyOf = (route: RouteObject): string => routeKind.key(routeKind.normalise(route));
    return {
      kind: routeKind,
      makeDriver: () => fake,
      desired: DESIRED,
      changed: CHANGED,
      occupy: (route) => void fake.foreign.add(keyOf(route)),
      vacate: (route) => void fake.foreign.delete(keyOf(route)),
    };
  });

  veth("va", "vb");
  ip(["-6", "address", "add", "2001:db8:9::/64", "dev", "va", "nodad"]);
  const netlink = NetlinkSocket.open();
  const links = await LinkTable.open(netlink);
  test.after(async () => {
    await links[Symbol.asyncDispose]();
    await netlink[Symbol.asyncDispose]();
  });
  const other = ({ prefix, metric }: RouteObject): readonly string[] => [
    ...["blackhole", prefix, "metric", String(metric), "proto", "99"],
  ];
  declareDriverConformance<RouteObject>("the route driver", async (): Promise<Subject<RouteObject>> => {
    const driver = routeDriver(netlink, links);
    const left = await driver.observe(never);
    await driver.apply(
      left.map((observed) => ({ op: "delete", key: routeKind.key(observed), observed })),
      never,
    );
    return {
      kind: routeKind,
      makeDriver: () => driver,
      desired: DESIRED,
      changed: CHANGED,
      occupy: (route) => void ip(["-6", "route", "add", ...other(route)]),
      vacate: (route) => void ip(["-6", "route", "del", ...other(route)]),
    };
  });
}
