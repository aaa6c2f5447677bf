import { canonicalAddress } from "../net/address.ts";
import { canonicalPrefix } from "../net/prefix.ts";
import { DEFAULT_EPE } from "./epe-defaults.ts";
import type { EpeDestination, EpeObjective, EpePeer, EpeRule, FabricEpe } from "./epe-model.ts";
import type {
  EpeDestinationFile,
  EpeFile,
  EpeObjectiveFile,
  EpeRuleFile,
  EpeSourceFile,
} from "./epe-schema.ts";
import type { FabricLink, FabricNode } from "./model.ts";

/** IANA's numbers of the protocols that rules and destinations name. */
const NEXT_HEADER = { icmp6: 58, tcp: 6, udp: 17 } as const;

/** What section `epe` means once defaults are filled in. */
export function resolveEpe(
  file: EpeFile,
  nodes: readonly FabricNode[],
  links: readonly FabricLink[],
): FabricEpe {
  const { from, fullSize, ...measure } = file.measure ?? {};
  const objective = objectiveOf(file.objective, undefined);
  const [prefer, avoid] = [file.prefer ?? [], file.avoid ?? []];
  const byPrecedence = Object.entries(file.rules ?? {}).sort(([, a], [, b]) => a.precedence - b.precedence);
  return {
    measure: {
      ...DEFAULT_EPE.measure,
      ...measure,
      fullSize: fullSize ?? largestEdgeMtu(links),
      from: from ?? nodes.filter(({ role }) => role === "plane").map(({ name }) => name),
    },
    never: { prefixes: (file.never?.prefixes ?? []).map(prefixText), as: file.never?.as ?? [] },
    destinations: {
      list: (file.destinations?.list ?? []).map(destinationOf),
      sources: (file.destinations?.sources ?? []).map(sourceOf),
      max: file.destinations?.max ?? DEFAULT_EPE.maxDestinations,
    },
    objective,
    prefer,
    avoid,
    peers: egressPeerNames(links, (name) => nodes.find((node) => node.name === name)?.role).map((name) =>
      peerOf(name, file),
    ),
    unannounced: file.unannounced ?? DEFAULT_EPE.unannounced,
    decide: { ...DEFAULT_EPE.decide, ...file.decide },
    rules: byPrecedence.map(([name, rule]) => ruleOf(name, rule, { objective, prefer, avoid }, nodes)),
  };
}

/**
 * Names of all egress peers (egress-peers.ts), of a fabric that need not be whole: checks ask too. In the order of links.
 */
export function egressPeerNames(
  links: readonly { readonly ends: readonly { readonly node: string }[] }[],
  roleOf: (node: string) => string | undefined,
): string[] {
  const counts = new Map<string, number>();
  return links.flatMap(({ ends }) => {
    const names = ends.map(({ node }) => node);
    const via = names.find((name) => roleOf(name) === "external-edge");
    const upstream = names.find((name) => roleOf(name) === "upstream");
    if (via === undefined || upstream === undefined) return [];
    const name = `${via}/${upstream}`;
    const ordinal = (counts.get(name) ?? 0) + 1;
    counts.set(name, ordinal);
    return [ordinal === 1 ? name : `${name}.${ordinal}`];
  });
}

function peerOf(name: string, file: EpeFile): EpePeer {
  const own = file.peers?.[name] ?? {};
  const { detourAtPercent, restoreAtPercent } = { ...DEFAULT_EPE.capacity, ...file.capacity, ...own };
  return {
    name,
    cost: own.cost ?? DEFAULT_EPE.peer.cost,
    ...(own.capacityMbps === undefined ? {} : { capacityMbps: own.capacityMbps }),
    detourAt: detourAtPercent / 100,
    restoreAt: restoreAtPercent / 100,
  };
}

/** What a rule does not say of its objective, the general one says. */
function objectiveOf(file: EpeObjectiveFile | undefined, general: EpeObjective | undefined): EpeObjective {
  return {
    weights: { ...(general?.weights ?? DEFAULT_EPE.weights), ...file?.weights },
    limits: { ...general?.limits, ...file?.limits },
  };
}

function ruleOf(
  name: string,
  { match, objective, prefer, avoid }: EpeRuleFile,
  general: Pick<FabricEpe, "objective" | "prefer" | "avoid">,
  nodes: readonly FabricNode[],
): EpeRule {
  const { edges, sources, protocol, destinations, ...rest } = match;
  const ofEdges = nodes.filter((node) => edges?.includes(node.name)).flatMap(({ prefixes }) => prefixes);
  const all = [...new Set([...ofEdges, ...(sources ?? []).map(prefixText)])];
  return {
    name,
    match: {
      ...rest,
      ...(edges === undefined && sources === undefined ? {} : { sources: all }),
      ...(protocol === undefined ? {} : { protocol: NEXT_HEADER[protocol] }),
      ...(destinations === undefined ? {} : { destinations: destinations.map(prefixText) }),
    },
    objective: objectiveOf(objective, general.objective),
    prefer: prefer ?? general.prefer.filter((peer) => !avoid?.includes(peer)),
    avoid: avoid ?? general.avoid.filter((peer) => !prefer?.includes(peer)),
  };
}

function destinationOf({ prefix, address, protocol, port }: EpeDestinationFile): EpeDestination {
  return {
    prefix: prefixText(prefix),
    address: canonicalAddress(address) ?? address,
    protocol: protocol ?? "icmp6",
    ...(port === undefined ? {} : { port }),
  };
}

function sourceOf({ file, url, ...numbers }: EpeSourceFile) {
  return { ...DEFAULT_EPE.source, ...numbers, from: file === undefined ? { url: url ?? "" } : { file } };
}

function largestEdgeMtu(links: readonly FabricLink[]): number {
  const mtus = links.filter(({ kind }) => kind === "plane-edge").map(({ mtu }) => mtu);
  return Math.min(9000, Math.max(1280, ...mtus));
}

function prefixText(text: string): string {
  return canonicalPrefix(text) ?? text;
}
