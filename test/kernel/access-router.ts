import type { Access } from "@vsix/shared/contract/part-access.ts";
import { compileAccessFilters } from "../../agent/src/core/access-filters.ts";
import { compileAccess } from "../../agent/src/core/compile/access.ts";
import type { LinkTable } from "../../agent/src/io/links.ts";
import type { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { nexthopDriver } from "../../agent/src/resources/nexthop/driver.ts";
import { nexthopKind } from "../../agent/src/resources/nexthop/model.ts";
import { nftablesDriver } from "../../agent/src/resources/nftables/driver.ts";
import { nftablesKind, normaliseRuleset } from "../../agent/src/resources/nftables/model.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { routeKind } from "../../agent/src/resources/route/model.ts";
import { ruleDriver } from "../../agent/src/resources/rule/driver.ts";
import { ruleKind } from "../../agent/src/resources/rule/model.ts";
import { sidDriver } from "../../agent/src/resources/sid/driver.ts";
import { sidKind } from "../../agent/src/resources/sid/model.ts";
import { srSourceDriver } from "../../agent/src/resources/sr-source/driver.ts";
import { srSourceKind } from "../../agent/src/resources/sr-source/model.ts";
import { tunnelDriver } from "../../agent/src/resources/tunnel/driver.ts";
import { tunnelKind } from "../../agent/src/resources/tunnel/model.ts";
import { reconcile } from "./law.ts";

/** What one round of making the kernel what an access part says has planned and what of it failed, by kind. */
export interface Round {
  readonly planned: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
}

/** Makes this namespace the access router of `access`; WireGuard is not looked at. */
export async function serveUsers(
  netlink: NetlinkSocket,
  links: LinkTable,
  access: Access,
  dev: string,
): Promise<Round> {
  const desired = compileAccess(access, { nowMs: Date.now(), keyOf: () => undefined, dev, portMtu: 1500 });
  const filters = compileAccessFilters(access, desired, "2001:db8:ff::/48");
  const rounds = [
    [
      "nftables",
      await reconcile(nftablesKind, nftablesDriver(), [normaliseRuleset({ ...filters, strange: [] })]),
    ],
    ["tunnel", await reconcile(tunnelKind, tunnelDriver(netlink, links), desired.tunnels)],
    [
      "sr-source",
      await reconcile(
        srSourceKind,
        srSourceDriver(() => true),
        desired.source === undefined ? [] : [{ address: desired.source }],
      ),
    ],
    ["nexthop", await reconcile(nexthopKind, nexthopDriver(netlink, links), desired.nexthops)],
    ["route", await reconcile(routeKind, routeDriver(netlink, links), desired.routes)],
    ["rule", await reconcile(ruleKind, ruleDriver(netlink, links), desired.rules)],
    ["sid", await reconcile(sidKind, sidDriver(netlink, links), desired.sids)],
  ] as const;
  return {
    planned: Object.fromEntries(rounds.map(([kind, { changes }]) => [kind, changes.length])),
    failed: rounds.flatMap(([kind, { outcomes }]) =>
      outcomes.flatMap((one) => (one.ok ? [] : [`${kind} ${one.key}: ${one.reason}`])),
    ),
  };
}
