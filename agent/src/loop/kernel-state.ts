import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { Gate } from "@vsix/shared/contract/part-gate.ts";
import type { TranslatorPart } from "@vsix/shared/contract/part-services.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import { formatPrefix, prefixOf } from "@vsix/shared/net/prefix.ts";
import { lanAddresses } from "../core/advertise/compile.ts";
import { isUserRoute } from "../core/compile/access.ts";
import { compileFibEntry, type Ways } from "../core/compile/fib.ts";
import { compileKernel, type DesiredKernel } from "../core/compile/kernel.ts";
import { type LinkFacts, usable } from "../core/compile/links.ts";
import { NO_ORDERS, type OverrideOrders } from "../core/compile/overrides.ts";
import { compileFilters } from "../core/filters.ts";
import { BGP_METRIC, isOverrideTable, OWN_PROTOCOL, TABLE_MAIN } from "../core/ownership.ts";
import { ResourceTable } from "../core/resource-table.ts";
import type { Rib } from "../core/rib.ts";
import type { LinkTable } from "../io/links.ts";
import type { NetlinkSocket } from "../io/netlink.ts";
import { addressDriver } from "../resources/address/driver.ts";
import { addressKind } from "../resources/address/model.ts";
import { linkDriver } from "../resources/link/driver.ts";
import { linkKind } from "../resources/link/model.ts";
import { nexthopDriver, nexthopOf } from "../resources/nexthop/driver.ts";
import { nexthopKind } from "../resources/nexthop/model.ts";
import { nftablesDriver } from "../resources/nftables/driver.ts";
import { nftablesKind } from "../resources/nftables/model.ts";
import { routeDriver } from "../resources/route/driver.ts";
import { routeKind } from "../resources/route/model.ts";
import { ruleDriver, ruleOf } from "../resources/rule/driver.ts";
import { ruleKind } from "../resources/rule/model.ts";
import { sidDriver } from "../resources/sid/driver.ts";
import { sidKind } from "../resources/sid/model.ts";
import { sysctlDriver } from "../resources/sysctl/driver.ts";
import { sysctlKind } from "../resources/sysctl/model.ts";
import { RTM } from "../wire/netlink/constants.ts";
import type { NetlinkMessage } from "../wire/netlink/message.ts";
import { decodeNexthop } from "../wire/netlink/nexthop.ts";
import { decodeRule } from "../wire/netlink/rule.ts";
import type { AccessState } from "./access-state.ts";
import type { HomeState } from "./home-state.ts";
import { type Managed, manage } from "./managed-kind.ts";
import { type OverrideDrift, type OverrideStanding, standingOf } from "./override-standing.ts";

/** What leads routes elsewhere than BGP says, for the moment. */
export interface Leading {
  /** Within our own address space: these prefixes follow BGP alone. */
  readonly isInside: (prefix: string) => boolean;
  /** Address of the neighbour to which other planes' outside routes are led. */
  readonly to: string | undefined;
  /** Inside prefixes that this neighbour is known to tell, to its address. */
  readonly early: ReadonlyMap<string, string>;
}

/** What other parts of the document want of the kernel. */
export interface KernelParts {
  readonly translator?: TranslatorPart | undefined;
  readonly lans?: AdvertisePart | undefined;
  readonly egress?: EgressPart | undefined;
  readonly gate?: Gate | undefined;
}

const NOT_LED: Leading = { isInside: () => false, to: undefined, early: new Map() };

/** The desired state of the kernel, kept current from document, links and RIB; and one table a kind to compare it with. */
export class KernelState {
  readonly kinds: readonly Managed[];
  readonly #rib: Rib;
  readonly #sysctl = new ResourceTable(sysctlKind);
  readonly #link = new ResourceTable(linkKind);
  readonly #address = new ResourceTable(addressKind);
  readonly #nftables = new ResourceTable(nftablesKind);
  readonly #nexthop = new ResourceTable(nexthopKind);
  readonly #route = new ResourceTable(routeKind);
  readonly #sid = new ResourceTable(sidKind);
  readonly #rule = new ResourceTable(ruleKind);
  readonly #unresolved = new Map<string, string>();
  #fabric: FabricPart | undefined;
  #desired: DesiredKernel | undefined;
  #staticRoutes: ReadonlySet<string> = new Set();
  #links: LinkFacts = new Map();
  #leading = NOT_LED;
  #orders = NO_ORDERS;
  #parts: KernelParts = {};
  #ribComplete = false;
  /** Locators that overrides lead to. */
  #locators: ReadonlySet<string> = new Set();

  readonly #linkTable: LinkTable;
  #drift: OverrideDrift | undefined;

  readonly #access: AccessState;
  readonly #home: HomeState;
  #homeWaiting: ReadonlyMap<string, string> = new Map();

  constructor(netlink: NetlinkSocket, links: LinkTable, rib: Rib, access: AccessState, home: HomeState) {
    this.#rib = rib;
    this.#home = home;
    this.#access = access;
    this.#linkTable = links;
    const known = (): boolean => this.#fabric !== undefined;
    const wantedLinks = (): ReadonlySet<string> => this.#link.desiredKeys();
    const wantedAddresses = (): ReadonlySet<string> => this.#address.desiredKeys();
    this.kinds = [
      manage(
        this.#sysctl,
        sysctlDriver(() => this.#sysctl.desiredKeys()),
        known,
      ),
      manage(this.#link, linkDriver(netlink, links, wantedLinks), known),
      manage(this.#nftables, nftablesDriver(), known, {
        cuts: () =>
          access.desired === undefined && this.#parts.gate === undefined
            ? undefined
            : ({ op }) => op === "replace",
      }),
      ...access.kinds,
      manage(this.#address, addressDriver(netlink, links, wantedAddresses), known),
      manage(this.#nexthop, nexthopDriver(netlink, links), known, {
        onDrift: (drifted) =>
          this.#drifted(drifted.filter(({ encap }) => encap !== undefined).map(nexthopKind.describe)),
      }),
      manage(this.#route, routeDriver(netlink, links), () => known() && rib.complete, {
        onDrift: (drifted) =>
          this.#drifted(drifted.filter(({ table }) => isOverrideTable(table)).map(routeKind.describe)),
        cuts: () =>
          access.desired === undefined
            ? undefined
            : (change) => change.op === "delete" && isUserRoute(change.observed),
      }),
      manage(this.#sid, sidDriver(netlink, links), known),
      manage(this.#rule, ruleDriver(netlink, links), known, {
        onDrift: (drifted) =>
          this.#drifted(drifted.filter(({ table }) => isOverrideTable(table)).map(ruleKind.describe)),
      }),
    ];
  }

  /** What cannot be made now, and why: `kind key` to reason. */
  waiting(): ReadonlyMap<string, string> {
    const routes = [...this.#unresolved].map(([prefix, reason]) => [`route ${prefix}`, reason] as const);
    return new Map([
      ...(this.#desired?.waiting ?? []),
      ...(this.#access.desired?.waiting ?? []),
      ...this.#homeWaiting,
      ...this.#home.said,
      ...routes,
    ]);
  }

  /** Of a home router: its providers and its tunnels. */
  get home(): HomeState {
    return this.#home;
  }

  /** When somebody else last changed what overrides stand on; undefined while nobody did. */
  get drift(): OverrideDrift | undefined {
    return this.#drift;
  }

  #drifted(objects: readonly string[]): void {
    const [example] = objects;
    if (example !== undefined) this.#drift = { atMs: Date.now(), count: objects.length, example };
  }

  /** The kernel tells of a nexthop object: whether it contradicts what is desired. Own changes do not. */
  contradicts({ type, payload }: NetlinkMessage): boolean {
    if (type === RTM.DELRULE) {
      const rule = ruleOf(decodeRule(payload));
      return rule !== undefined && this.#rule.desired(ruleKind.key(rule)) !== undefined;
    }
    if (type !== RTM.NEWNEXTHOP && type !== RTM.DELNEXTHOP) return false;
    const message = decodeNexthop(payload);
    const desired = this.#nexthop.desired(nexthopKind.key({ id: message.id }));
    if (desired === undefined) return false;
    if (type === RTM.DELNEXTHOP || message.protocol !== OWN_PROTOCOL) return true;
    return !nexthopKind.equal(desired, nexthopOf(message, this.#linkTable));
  }

  /** What of the overrides stands, and what does not though it should. Cheap: looked at after every cycle. */
  overrides(): OverrideStanding {
    const isOverride = ({ table }: { readonly table: number }): boolean => isOverrideTable(table);
    return standingOf(
      {
        rules: this.#desired?.rules.filter(isOverride).length ?? 0,
        routes: this.#desired?.routes.filter(isOverride).length ?? 0,
        encapsulations: this.#desired?.nexthops.filter(({ encap }) => encap !== undefined).length ?? 0,
      },
      {
        rules: this.#rule.unsettled(),
        routes: this.#route.unsettled(),
        nexthops: this.#nexthop.unsettled(),
      },
    );
  }

  /** Works the desired state out again; cheap but for routes, which are looked at only when next hops changed. */
  recompile(
    fabric: FabricPart,
    links: LinkFacts,
    leading: Leading,
    orders: OverrideOrders,
    parts: KernelParts = {},
  ): void {
    const { translator, lans, egress, gate } = parts;
    this.#links = links;
    this.#orders = orders;
    this.#parts = parts;
    const ledBefore = this.#leading;
    this.#leading = leading;
    this.#locators = new Set([...firstSegments(fabric, orders)].map(locatorOf));
    // Until the RIB is complete nobody knows what is out of reach: overrides stay as they are.
    this.#ribComplete = this.#rib.complete;
    const reachable = (sid: string): boolean =>
      !this.#ribComplete || this.#rib.get(locatorOf(sid)) !== undefined;
    const fresh = compileKernel(fabric, links, reachable, leading.to, orders, translator !== undefined);
    const users = this.#access.recompile({
      dev: fabric.interfaces.find(({ name }) => usable(links, name))?.name,
      portMtu: Math.max(1280, ...fabric.interfaces.map(({ mtu }) => mtu)),
      loopback: fabric.node.loopback,
      sidBlock: fabric.sidBlock,
    });
    const home = this.#home.desired();
    this.#homeWaiting = home?.waiting ?? new Map();
    this.#access.alsoTunnels(home?.tunnels ?? []);
    const before = this.#desired;
    const sourceMoved = this.#fabric?.node.loopback !== fabric.node.loopback;
    this.#fabric = fabric;
    this.#desired = fresh;
    this.#sysctl.setDesired([...(home?.sysctls ?? []), ...fresh.sysctls]);
    this.#link.setDesired(fresh.links);
    this.#address.setDesired([
      ...fresh.addresses,
      ...lanAddresses(lans, (name) => links.has(name)),
      ...(users?.addresses ?? []),
    ]);
    this.#nftables.setDesired([
      compileFilters(fabric, orders.epe, translator, this.#access.filters, egress, this.#home.filters, gate),
    ]);
    this.#nexthop.setDesired([...fresh.nexthops, ...(users?.nexthops ?? [])]);
    this.#sid.setDesired([...fresh.sids, ...(users?.sids ?? [])]);
    this.#rule.setDesired([...fresh.rules, ...(users?.rules ?? []), ...(home?.rules ?? [])]);
    const routes = [...fresh.routes, ...(users?.routes ?? []), ...(home?.routes ?? [])];
    const statics = new Set(routes.map((route) => this.#route.putDesired(route)));
    for (const key of this.#staticRoutes) if (!statics.has(key)) this.#route.removeDesired(key);
    this.#staticRoutes = statics;
    if (
      before === undefined ||
      sourceMoved ||
      !sameMap(before.nexthopByNeighbour, fresh.nexthopByNeighbour) ||
      !sameMap(before.outsideByNeighbour, fresh.outsideByNeighbour) ||
      ledBefore.isInside !== leading.isInside
    )
      for (const { prefix } of this.#rib.paths()) this.#routeChanged(prefix);
    else if (!sameMap(ledBefore.early, leading.early))
      for (const prefix of new Set([...ledBefore.early.keys(), ...leading.early.keys()]))
        this.#routeChanged(prefix);
    this.#forgetRoutesOf(
      (before?.nexthops ?? []).filter(({ id }) => !fresh.nexthops.some((kept) => kept.id === id)),
    );
  }

  /** The RIB says something new of these prefixes. */
  routesChanged(prefixes: readonly string[]): void {
    for (const prefix of prefixes) this.#routeChanged(prefix);
    if (this.#fabric === undefined || this.#locators.size === 0) return;
    if (this.#ribComplete !== this.#rib.complete || prefixes.some((prefix) => this.#locators.has(prefix)))
      this.recompile(this.#fabric, this.#links, this.#leading, this.#orders, this.#parts);
  }

  /** The RIB says something new of this prefix. */
  #routeChanged(prefix: string): void {
    const path = this.#rib.get(prefix);
    if (this.#desired === undefined || this.#fabric === undefined) return;
    const { nexthopByNeighbour, outsideByNeighbour } = this.#desired;
    const { isInside, early } = this.#leading;
    const ways: Ways = { nexthopByNeighbour, outsideByNeighbour, isInside, early };
    const entry = path === undefined ? undefined : compileFibEntry(path, ways, this.#fabric.node.loopback);
    if (entry?.kind === "unresolved") this.#unresolved.set(prefix, entry.reason);
    else this.#unresolved.delete(prefix);
    if (entry?.kind === "route") this.#route.putDesired(entry.route);
    else
      this.#route.removeDesired(
        routeKind.key({ table: TABLE_MAIN, prefix, metric: BGP_METRIC, type: "unicast" }),
      );
  }

  /**
   * A link went down: with nexthop_compat_mode=0 the kernel has removed the nexthops behind it and all their routes, and
   * said nothing (facts-kernel). What is believed to be there is corrected at once; a dump follows.
   */
  linkLost(name: string): void {
    const nexthops = [...(this.#desired?.nexthops ?? []), ...(this.#access.desired?.nexthops ?? [])];
    const gone = nexthops.filter((nexthop) => nexthop.interface === name);
    this.#nexthop.forgetObserved((nexthop) => nexthop.interface === name);
    this.#forgetRoutesOf(gone);
    this.#sid.forgetObserved((sid) => sid.dev === name);
  }

  /** Kinds that a link event touches are dumped again before the next plan. */
  markLinkKindsStale(): void {
    const touched = new Set(["link", "address", "nexthop", "route", "sid", "sysctl", "tunnel", "wireguard"]);
    for (const kind of this.kinds) if (touched.has(kind.name)) kind.stale = true;
  }

  /** Somebody changed what overrides stand on. Deleting a nexthop object has taken its routes along. */
  markOverrideKindsStale(): void {
    const touched = new Set(["nexthop", "route", "rule"]);
    for (const kind of this.kinds) if (touched.has(kind.name)) kind.stale = true;
  }

  #forgetRoutesOf(nexthops: readonly { readonly id: number }[]): void {
    if (nexthops.length === 0) return;
    const ids = new Set(nexthops.map(({ id }) => id));
    this.#route.forgetObserved(({ nexthopId }) => nexthopId !== undefined && ids.has(nexthopId));
  }
}

function sameMap<K, V>(a: ReadonlyMap<K, V> | undefined, b: ReadonlyMap<K, V> | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** Each once, though thousands of overrides name it. */
function firstSegments(fabric: FabricPart, { epe }: OverrideOrders): ReadonlySet<string> {
  const firsts = new Set<string>();
  for (const { segments } of fabric.overrides) if (segments[0] !== undefined) firsts.add(segments[0]);
  for (const { overrides } of epe?.classes ?? [])
    for (const { segments } of overrides) if (segments[0] !== undefined) firsts.add(segments[0]);
  return firsts;
}

/** Length of a locator (shared/src/fabric, address plan). */
const LOCATOR_LENGTH = 64;

function locatorOf(sid: string): string {
  const address = parseAddress(sid);
  return address === undefined ? sid : formatPrefix(prefixOf(address, LOCATOR_LENGTH));
}
