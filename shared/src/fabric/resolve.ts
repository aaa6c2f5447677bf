import { VsixError } from "../errors/vsix-error.ts";
import { canonicalAddress, formatAddress } from "../net/address.ts";
import { addressAt, comparePrefixes, formatPrefix, type Prefix, parsePrefix } from "../net/prefix.ts";
import { DEFAULT_BOGONS, DEFAULT_LINK_COST, DEFAULT_POLICY, OUTSIDE_SITE } from "./defaults.ts";
import type { HealthFile } from "./health-schema.ts";
import type {
  Fabric,
  FabricHealth,
  FabricLink,
  FabricNode,
  FabricOverride,
  FabricPolicy,
  LinkEnd,
  Plane,
} from "./model.ts";
import {
  type Blocks,
  defaultBlocks,
  defaultId,
  defaultMtuOf,
  interfaceNameOf,
  linkKindOf,
  linkPrefixOf,
  locatorOf,
  loopbackOf,
  outsideLinkBlock,
  pairKey,
  routerIdOf,
} from "./plan.ts";
import { resolveEpe } from "./resolve-epe.ts";
import { resolveHealth } from "./resolve-health.ts";
import { resolveLans } from "./resolve-lan.ts";
import { resolveMeasure } from "./resolve-measure.ts";
import { resolveServices } from "./resolve-services.ts";
import { resolveTelescreen } from "./resolve-telescreen.ts";
import type { FabricFile, LinkFile, NodeFile } from "./schema.ts";
import { attachmentOf, type FabricServices, serviceOf } from "./services-model.ts";

/**
 * Fills in defaults and derives addresses. Only for a file in which validate.ts found nothing; throws VsixError
 * `fabric-not-valid` where something is missing nevertheless.
 */
export function resolveFabric(file: FabricFile): Fabric {
  const infrastructure = need(file.addressing.infrastructure);
  const derived = defaultBlocks(infrastructure);
  const blocks: Blocks = {
    loopbacks: needOr(file.addressing.loopbacks, derived.loopbacks),
    links: needOr(file.addressing.links, derived.links),
    sids: needOr(file.addressing.sids, derived.sids),
  };
  const planes = Object.entries(file.planes).map(
    ([name, plane], i): Plane => ({ name, index: i + 1, memberAs: plane.memberAs }),
  );
  const nodes = Object.entries(file.nodes).map(([name, node]) =>
    resolveNode(file, name, node, planes, blocks),
  );
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const policy = resolvePolicy(file.policies ?? {});
  const counts = new Map<string, number>();
  const links = file.links.map((link) => {
    const key = pairKey(link.ends[0] ?? "", link.ends[1] ?? "");
    const ordinal = counts.get(key) ?? 0;
    counts.set(key, ordinal + 1);
    return resolveLink(link, ordinal, { nodes: byName, blocks, policy });
  });
  const services = file.services === undefined ? undefined : resolveServices(file, file.services, nodes);
  const withLans = nodes.map((node): FabricNode => {
    const lans = file.nodes[node.name]?.lan;
    return lans === undefined ? node : { ...node, lans: resolveLans(lans, services) };
  });
  return {
    name: file.name,
    as: file.as,
    prefixes: file.prefixes.map(canonical),
    externalAs: file.external.memberAs,
    sites: file.sites,
    planes,
    nodes: withLans,
    links,
    addressing: {
      infrastructure: formatPrefix(infrastructure),
      loopbacks: formatPrefix(blocks.loopbacks),
      links: formatPrefix(blocks.links),
      sids: formatPrefix(blocks.sids),
    },
    policy,
    overrides: (file.overrides ?? []).map(
      (override): FabricOverride => ({
        prefix: canonical(override.prefix),
        via: override.via,
        upstream: override.upstream,
        edges: override.edges ?? [],
      }),
    ),
    measure: resolveMeasure(file.measure ?? {}, nodes, links),
    ...(file.epe === undefined ? {} : { epe: resolveEpe(file.epe, nodes, links) }),
    ...(file.health === undefined ? {} : { health: fabricHealth(file.health, nodes, services) }),
    ...(services === undefined ? {} : { services }),
    ...(file.telescreen === undefined
      ? {}
      : { telescreen: resolveTelescreen(file.telescreen, nodes, services) }),
  };
}

/** Where the file names neither resolvers nor prefixes, those of our own services are looked at. */
function fabricHealth(
  file: HealthFile,
  nodes: readonly FabricNode[],
  services: FabricServices | undefined,
): FabricHealth {
  const edges = nodes.filter(({ role, software }) => role === "edge" && software === "vsix");
  const { resolver, nat64 } = services ?? {};
  const [at] = nat64?.prefer ?? [];
  const ours: Pick<HealthFile, "resolvers" | "pref64"> = {
    ...(resolver === undefined ? {} : { resolvers: [...resolver.anycast] }),
    ...(nat64 === undefined
      ? {}
      : { pref64: [{ prefix: nat64.prefix, ...(at === undefined ? {} : { at }) }] }),
  };
  return { part: resolveHealth({ ...ours, ...file }), nodes: file.nodes ?? edges.map(({ name }) => name) };
}

function resolveNode(
  file: FabricFile,
  name: string,
  node: NodeFile,
  planes: readonly Plane[],
  blocks: Blocks,
): FabricNode {
  const id = node.id ?? defaultId(name);
  const role = attachmentOf(node.role);
  const service = serviceOf(node.role);
  const ours = role === "plane" || role === "external-edge";
  const prefixes = (node.prefixes ?? []).map(canonical);
  const first = prefixes[0];
  const locators = planes
    .filter((plane) => node.role === "external-edge" || (node.role === "plane" && node.plane === plane.name))
    .map((plane) => ({ prefix: locatorOf(blocks, plane.index, id), plane: plane.name }));
  const derived =
    ours || first === undefined ? loopbackOf(blocks, id) : formatAddress(addressAt(need(first), 1));
  const prefers = node.prefers ?? planes[0]?.name;
  return {
    name,
    role,
    ...(service === undefined ? {} : { service }),
    ...(node.pool === undefined ? {} : { pool: [...node.pool] }),
    software: node.software ?? (node.role === "upstream" ? "bird" : "vsix"),
    id,
    site: node.site ?? OUTSIDE_SITE,
    ...(node.plane === undefined ? {} : { plane: node.plane }),
    asn: asnOf(file, node),
    loopback: node.loopback === undefined ? derived : (canonicalAddress(node.loopback) ?? derived),
    routerId: routerIdOf(id),
    locators,
    prefixes,
    ...(role !== "edge" || prefers === undefined ? {} : { prefers }),
    ...(role === "edge" ? { table: node.table ?? "default" } : {}),
    controller: node.controller ?? false,
    ...(node.labels === undefined ? {} : { labels: node.labels }),
  };
}

function asnOf(file: FabricFile, node: NodeFile): number {
  if (node.role === "external-edge") return file.external.memberAs;
  const plane =
    node.role === "plane" ? Object.entries(file.planes).find(([name]) => name === node.plane) : undefined;
  const asn = plane === undefined ? node.as : plane[1].memberAs;
  if (asn === undefined) throw notValid("a node has no AS number");
  return asn;
}

interface Around {
  readonly nodes: ReadonlyMap<string, FabricNode>;
  readonly blocks: Blocks;
  readonly policy: FabricPolicy;
}

function resolveLink(link: LinkFile, ordinal: number, { nodes, blocks, policy }: Around): FabricLink {
  const [a, b] = [nodes.get(link.ends[0] ?? ""), nodes.get(link.ends[1] ?? "")];
  if (a === undefined || b === undefined) throw notValid("a link names an unknown node");
  const kind = linkKindOf(a.role, b.role);
  if (kind === undefined) throw notValid("a link joins roles that cannot be joined");
  const prefix =
    link.prefix === undefined ? derivedLinkPrefix(kind, a, b, ordinal, blocks) : need(link.prefix);
  const bfd = link.bfd ?? [a, b].every(({ software }) => software === "vsix");
  const end = (self: FabricNode, peer: FabricNode, i: 0 | 1): LinkEnd => ({
    node: self.name,
    interface: link.interfaces?.[i] ?? interfaceNameOf(peer.name, ordinal),
    address: formatAddress(addressAt(prefix, self.id < peer.id ? 0 : 1)),
  });
  return {
    name: ordinal === 0 ? `${a.name}--${b.name}` : `${a.name}--${b.name}.${ordinal + 1}`,
    ends: [end(a, b, 0), end(b, a, 1)],
    prefix: formatPrefix(prefix),
    kind,
    mtu: link.mtu ?? defaultMtuOf(kind),
    cost: link.cost ?? DEFAULT_LINK_COST,
    ...(bfd === false ? {} : { bfd: { ...policy.bfd, ...(bfd === true ? {} : bfd) } }),
    delayMs: link.delayMs ?? 0,
    lossPercent: link.lossPercent ?? 0,
  };
}

function derivedLinkPrefix(
  kind: FabricLink["kind"],
  a: FabricNode,
  b: FabricNode,
  ordinal: number,
  blocks: Blocks,
): Prefix {
  const lower = a.id < b.id ? a : b;
  const block = kind === "outside" ? outsideLinkBlock(need(lower.prefixes[0])) : blocks.links;
  return linkPrefixOf(block, a.id, b.id, ordinal);
}

function resolvePolicy(policies: NonNullable<FabricFile["policies"]>): FabricPolicy {
  const except = new Set((policies.bogons?.except ?? []).map(canonical));
  const extra = (policies.bogons?.extra ?? []).map(canonical);
  const bogons = [...new Set([...DEFAULT_BOGONS.filter((bogon) => !except.has(bogon)), ...extra])];
  return {
    bogons: bogons.sort((x, y) => comparePrefixes(need(x), need(y))),
    maxPrefixes: { ...DEFAULT_POLICY.maxPrefixes, ...policies.maxPrefixes },
    holdS: policies.holdS ?? DEFAULT_POLICY.holdS,
    gracefulRestartS: policies.gracefulRestartS ?? DEFAULT_POLICY.gracefulRestartS,
    bfd: { ...DEFAULT_POLICY.bfd, ...policies.bfd },
    med: { ...DEFAULT_POLICY.med, ...policies.med },
    probe: { ...DEFAULT_POLICY.probe, ...policies.probe },
  };
}

function need(text: string | undefined): Prefix {
  const prefix = text === undefined ? undefined : parsePrefix(text);
  if (prefix === undefined) throw notValid(`not a prefix: ${JSON.stringify(text)}`);
  return prefix;
}

function needOr(text: string | undefined, otherwise: Prefix): Prefix {
  return text === undefined ? otherwise : need(text);
}

function canonical(text: string): string {
  return formatPrefix(need(text));
}

function notValid(why: string): VsixError<"fabric-not-valid"> {
  return new VsixError("fabric-not-valid", `resolving a fabric file that has not been validated: ${why}`);
}
