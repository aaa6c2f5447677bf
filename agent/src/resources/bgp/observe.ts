import type { GobgpClient } from "gobgp-ts";
import type { DefinedSet, Statement as GobgpStatement, NewPath, Path, PeerConfig } from "gobgp-ts/types.ts";
import type { Refresh } from "../../core/bgp/effective.ts";
import type * as speaker from "../../core/bgp/speaker.ts";
import { NOTHING, type ObservedSpeaker } from "./model.ts";

/** Names of our two policies in gobgpd. */
export const IMPORT_POLICY = "vsix-import";
export const EXPORT_POLICY = "vsix-export";

/**
 * GoBGP 3.10 does not tell its confederation and selection options, so they are written down in a defined set that no
 * statement uses; it lives and dies with gobgpd's own state.
 */
const MARKER = "vsix-global";

export function markerSet(global: speaker.SpeakerGlobal): DefinedSet {
  const { confederation } = global;
  const words = [
    ...(confederation === undefined ? [] : [`c${confederation.identifier}`]),
    ...(confederation?.members ?? []).map((member) => `m${member}`),
    ...(global.alwaysCompareMed ? ["acm"] : []),
    ...(global.externalCompareRouterId ? ["ecr"] : []),
  ];
  return { type: "large-community", name: MARKER, list: [`^${words.join(",")}$`] };
}

/**
 * What a policy was set for and may not have reached yet, by what is to be done about it. It is written with the policy
 * in one call and taken away when all is done: an agent that is killed between the two leaves it for the next one, for
 * policies that match say nothing of the routes that went through older ones.
 */
const PENDING = { in: "vsix-pending-in", out: "vsix-pending-out", bounce: "vsix-pending-bounce" } as const;
const PENDING_NAMES: readonly string[] = Object.values(PENDING);
const HOST = "/128";

export function pendingSets(pending: readonly Refresh[]): readonly DefinedSet[] {
  return (["in", "out", "bounce"] as const).flatMap((how): readonly DefinedSet[] => {
    const list = pending.filter((one) => one[how]).map(({ address }) => `${address}${HOST}`);
    return list.length === 0 ? [] : [{ type: "neighbour", name: PENDING[how], list }];
  });
}

export function readPending(sets: readonly DefinedSet[]): readonly Refresh[] {
  const listed = (how: keyof typeof PENDING): readonly string[] =>
    sets.flatMap((set) =>
      set.type === "neighbour" && set.name === PENDING[how]
        ? set.list.map((item) => item.slice(0, item.length - HOST.length))
        : [],
    );
  const [inward, outward, bounce] = [listed("in"), listed("out"), listed("bounce")];
  return [...new Set([...inward, ...outward, ...bounce])].map((address) => ({
    address,
    in: inward.includes(address),
    out: outward.includes(address),
    bounce: bounce.includes(address),
  }));
}

function isMarker(set: DefinedSet): boolean {
  return (
    (set.type === "large-community" && set.name === MARKER) ||
    (set.type === "neighbour" && PENDING_NAMES.includes(set.name))
  );
}

/** Without a marker nothing is known: the settings then differ from whatever is desired. */
function readMarker(
  sets: readonly DefinedSet[],
): Pick<speaker.SpeakerGlobal, "confederation" | "alwaysCompareMed" | "externalCompareRouterId"> {
  const set = sets.find(({ type, name }) => type === "large-community" && name === MARKER);
  const text = set === undefined || set.type === "prefix" ? "" : (set.list[0] ?? "");
  const words = text.slice(1, -1).split(",");
  const identifier = words.find((word) => /^c\d+$/.test(word));
  const members = words.filter((word) => /^m\d+$/.test(word)).map((word) => Number(word.slice(1)));
  return {
    ...(identifier === undefined
      ? {}
      : { confederation: { identifier: Number(identifier.slice(1)), members } }),
    alwaysCompareMed: words.includes("acm"),
    externalCompareRouterId: words.includes("ecr"),
  };
}

/** Above this many destinations the whole table is not listed (230,000 routes take GoBGP to gigabytes). */
const LIST_ALL_LIMIT = 20_000;

export function toPeerConfig(neighbour: speaker.SpeakerNeighbour): PeerConfig {
  return {
    address: neighbour.address,
    asn: neighbour.asn,
    description: neighbour.name,
    remotePort: neighbour.remotePort,
    holdS: neighbour.holdS,
    keepaliveS: neighbour.keepaliveS,
    ...(neighbour.clusterId === undefined ? {} : { clusterId: neighbour.clusterId }),
    ...(neighbour.gracefulRestart === undefined ? {} : { gracefulRestart: neighbour.gracefulRestart }),
    ...(neighbour.maxPrefixes === 0 ? {} : { maxPrefixes: neighbour.maxPrefixes }),
    allowOwnAsn: neighbour.allowOwnAsn,
    ...(neighbour.removePrivate ? { removePrivate: "all" as const } : {}),
  };
}

function fromPeerConfig(peer: PeerConfig): speaker.SpeakerNeighbour {
  const port = peer.remotePort ?? 0;
  return {
    name: peer.description ?? "",
    address: peer.address,
    asn: peer.asn,
    remotePort: port === 179 ? 0 : port,
    holdS: peer.holdS,
    keepaliveS: peer.keepaliveS,
    ...(peer.clusterId === undefined ? {} : { clusterId: peer.clusterId }),
    ...(peer.gracefulRestart === undefined ? {} : { gracefulRestart: peer.gracefulRestart }),
    maxPrefixes: peer.maxPrefixes ?? 0,
    allowOwnAsn: peer.allowOwnAsn ?? 0,
    removePrivate: peer.removePrivate === "all",
  };
}

/** A set of a type we never make is foreign; it makes the policies differ, and goes at the next change. */
function fromDefinedSet(set: DefinedSet): speaker.DefinedSet {
  if (set.type === "prefix") return set;
  if (set.type === "community")
    return { type: "large-community", name: `community ${set.name}`, list: set.list };
  return { type: set.type, name: set.name, list: set.list };
}

function fromStatement(statement: GobgpStatement): speaker.Statement {
  const { nextHop, med, localPref, largeCommunities, route } = statement.apply;
  return {
    name: statement.name,
    when: statement.when,
    apply: {
      ...(route === undefined ? {} : { route }),
      ...(med === undefined ? {} : { med }),
      ...(localPref === undefined ? {} : { localPref }),
      ...(nextHop === "self" || nextHop === "unchanged" ? { nextHop } : {}),
      ...(largeCommunities === undefined ? {} : { largeCommunities }),
    },
  };
}

export interface PathScope {
  /** Those we originate, or once did. */
  readonly prefixes: readonly string[];
  /** Look for others too, where the table is small enough: for a driver that does not know what was before it. */
  readonly everything: boolean;
}

function toOriginated({ prefix, largeCommunities, asPath }: Path): speaker.OriginatedPath {
  const asns = asPath.flatMap((segment) => segment.asns);
  return {
    prefix,
    largeCommunities: [...largeCommunities],
    ...(asns.length === 0 ? {} : { asPath: asns }),
  };
}

/** What AddPath takes for a path of ours. */
export function toNewPath({ prefix, largeCommunities, asPath }: speaker.OriginatedPath): NewPath {
  const sequence = asPath === undefined ? [] : [{ type: "sequence" as const, asns: asPath }];
  return { prefix, largeCommunities, nextHop: "::", asPath: sequence };
}

/** Paths that AddPath made. */
async function observePaths(
  client: GobgpClient,
  { prefixes, everything }: PathScope,
  signal: AbortSignal | undefined,
): Promise<readonly speaker.OriginatedPath[]> {
  const all = everything && (await client.countDestinations("ipv6-unicast", signal)) <= LIST_ALL_LIMIT;
  const paths: speaker.OriginatedPath[] = [];
  const query = { table: "global" as const, ...(signal === undefined ? {} : { signal }) };
  for await (const path of client.listPaths(all ? query : { ...query, prefixes })) {
    if (path.from === undefined) paths.push(toOriginated(path));
  }
  return paths;
}

/** Everything there is, changing nothing. Throws GobgpError. */
export async function observeSpeaker(
  client: GobgpClient,
  scope: PathScope,
  signal?: AbortSignal,
): Promise<ObservedSpeaker> {
  const global = await client.getGlobal(signal);
  if (global === undefined) return NOTHING;
  const [peers, sets, policies, imports, exports, originated] = await Promise.all([
    client.listPeers(signal),
    client.listDefinedSets(signal),
    client.listPolicies(signal),
    client.getAssignment("import", signal),
    client.getAssignment("export", signal),
    observePaths(client, scope, signal),
  ]);
  const statements = (name: string): readonly speaker.Statement[] =>
    policies.find((policy) => policy.name === name)?.statements.map(fromStatement) ?? [];
  const bound = (assignment: typeof imports, name: string): boolean =>
    assignment?.defaultAction === "reject" && assignment.policies.join() === name;
  return {
    global: {
      asn: global.asn,
      routerId: global.routerId,
      listenPort: global.listenPort,
      ...readMarker(sets),
    },
    neighbours: peers.map((peer) => fromPeerConfig(peer.config)),
    definedSets: sets.filter((set) => !isMarker(set)).map(fromDefinedSet),
    importStatements: statements(IMPORT_POLICY),
    exportStatements: statements(EXPORT_POLICY),
    assigned: bound(imports, IMPORT_POLICY) && bound(exports, EXPORT_POLICY),
    originated,
    pending: readPending(sets),
  };
}
