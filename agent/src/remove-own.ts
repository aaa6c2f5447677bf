import { LinkTable } from "./io/links.ts";
import { NetlinkSocket } from "./io/netlink.ts";
import { removeAll } from "./remove-overrides.ts";
import { addressDriver } from "./resources/address/driver.ts";
import { addressKind } from "./resources/address/model.ts";
import { nexthopDriver } from "./resources/nexthop/driver.ts";
import { nexthopKind } from "./resources/nexthop/model.ts";
import { nftablesDriver } from "./resources/nftables/driver.ts";
import { nftablesKind } from "./resources/nftables/model.ts";
import { routeDriver } from "./resources/route/driver.ts";
import { routeKind } from "./resources/route/model.ts";
import { ruleDriver } from "./resources/rule/driver.ts";
import { ruleKind } from "./resources/rule/model.ts";
import { sidDriver } from "./resources/sid/driver.ts";
import { sidKind } from "./resources/sid/model.ts";
import { tunnelDriver } from "./resources/tunnel/driver.ts";
import { tunnelKind } from "./resources/tunnel/model.ts";

/**
 * Takes everything of ours (core/ownership.ts) that a home router has out of the kernel, where no agent runs: filters go last. What is
 * somebody else's stays, and so do sysctls. Throws NetlinkError, NftError.
 * @returns how many objects there were
 */
export async function removeOwn(): Promise<number> {
  const signal = AbortSignal.timeout(30_000);
  await using netlink = NetlinkSocket.open();
  await using links = await LinkTable.open(netlink, signal);
  const all = (): boolean => true;
  const none = (): ReadonlySet<string> => new Set();
  let count = await removeAll(ruleKind, ruleDriver(netlink, links), all, signal);
  count += await removeAll(routeKind, routeDriver(netlink, links), all, signal);
  count += await removeAll(sidKind, sidDriver(netlink, links), all, signal);
  count += await removeAll(nexthopKind, nexthopDriver(netlink, links), all, signal);
  count += await removeAll(addressKind, addressDriver(netlink, links, none), all, signal);
  count += await removeAll(tunnelKind, tunnelDriver(netlink, links), all, signal);
  return count + (await removeAll(nftablesKind, nftablesDriver(), all, signal));
}
