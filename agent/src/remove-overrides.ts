import type { Change, Kind } from "./core/kind.ts";
import { isOverrideTable } from "./core/ownership.ts";
import { LinkTable } from "./io/links.ts";
import { NetlinkSocket } from "./io/netlink.ts";
import { NetlinkError } from "./io/netlink-error.ts";
import type { Driver } from "./resources/driver.ts";
import { nexthopDriver } from "./resources/nexthop/driver.ts";
import { nexthopKind } from "./resources/nexthop/model.ts";
import { routeDriver } from "./resources/route/driver.ts";
import { routeKind } from "./resources/route/model.ts";
import { ruleDriver } from "./resources/rule/driver.ts";
import { ruleKind } from "./resources/rule/model.ts";

export interface Removed {
  readonly rules: number;
  readonly routes: number;
  readonly encapsulations: number;
}

/**
 * Takes every override of ours out of the kernel where no agent runs that would do it: rules first, for from then on table main
 * decides. Everything else, ours and others', stays. Throws NetlinkError with what the kernel refused.
 */
export async function removeOverrides(): Promise<Removed> {
  const signal = AbortSignal.timeout(30_000);
  await using netlink = NetlinkSocket.open();
  await using links = await LinkTable.open(netlink, signal);
  return {
    rules: await removeAll(
      ruleKind,
      ruleDriver(netlink, links),
      ({ table }) => isOverrideTable(table),
      signal,
    ),
    routes: await removeAll(
      routeKind,
      routeDriver(netlink, links),
      ({ table }) => isOverrideTable(table),
      signal,
    ),
    encapsulations: await removeAll(
      nexthopKind,
      nexthopDriver(netlink, links),
      ({ encap }) => encap !== undefined,
      signal,
    ),
  };
}

/** Deletes objects of ours, and says how many there were. Throws NetlinkError with the first that stays. */
export async function removeAll<T>(
  kind: Kind<T>,
  driver: Driver<T>,
  which: (object: T) => boolean,
  signal: AbortSignal,
): Promise<number> {
  const changes = (await driver.observe(signal))
    .filter(which)
    .map((observed): Change<T> => ({ op: "delete", key: kind.key(observed), observed }));
  for (const outcome of await driver.apply(changes, signal))
    if (!outcome.ok)
      throw new NetlinkError(outcome.errno, `${kind.name} ${outcome.key} stays: ${outcome.reason}`);
  return changes.length;
}
