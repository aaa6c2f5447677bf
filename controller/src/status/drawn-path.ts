import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsAddress, parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { HopDirectory } from "@vsix/shared/paths/directory.ts";
import type { ExpectedEntry } from "@vsix/shared/paths/expected.ts";
import { fittingWay } from "@vsix/shared/paths/fitting-way.ts";
import type { PathStatus } from "@vsix/shared/paths/path-watch.ts";
import type { HopAtom } from "@vsix/shared/paths/pattern.ts";
import { seenPath } from "@vsix/shared/paths/seen.ts";
import type { DrawnPath } from "./path-model.ts";

interface Known {
  readonly fabric: Fabric;
  readonly directory: HopDirectory;
  readonly entry: ExpectedEntry | undefined;
}

/** A watched path as it can be drawn: by which nodes its flows go, where they leave what is allowed, and one way that is. */
export function drawnPath(
  { state: { source, targetAddress }, last }: Pick<PathStatus, "state" | "last">,
  { fabric, directory, entry }: Known,
): DrawnPath {
  const target = nodeAt(fabric, directory, targetAddress);
  return {
    target: target ?? null,
    ways: last === undefined ? [] : waysOf(last, directory),
    expected: (entry?.allowed ?? []).map((pattern) => ({
      text: pattern.map(({ text }) => text).join(", "),
      nodes:
        target === undefined
          ? null
          : [...(fittingWay(linksOf(fabric), { source, target }, pattern, fitter(fabric, directory)) ?? [])],
    })),
  };
}

/** Flows that went the same way are told once. */
function waysOf(
  { trace, verdict }: NonNullable<PathStatus["last"]>,
  directory: HopDirectory,
): DrawnPath["ways"] {
  const ways = new Map<string, DrawnPath["ways"][number]>();
  for (const flow of trace.flows) {
    const judged = verdict.flows.find((one) => one.flow === flow.flow);
    if (judged === undefined) continue;
    const path = seenPath(trace, flow);
    const hops = path.hops.map((addresses) => ({
      address: addresses[0] ?? null,
      node:
        addresses.map((address) => directory.lookup(address)?.node).find((node) => node !== undefined) ??
        null,
    }));
    const key = JSON.stringify([hops, path.complete, judged.kind]);
    const known = ways.get(key);
    if (known !== undefined) known.flows.push(flow.flow);
    else
      ways.set(key, {
        flows: [flow.flow],
        kind: judged.kind,
        words: judged.words,
        arrives: path.complete,
        partsAt:
          judged.kind === "path-changed" || judged.kind === "plane-changed" ? (judged.hop ?? null) : null,
        wanted: [...judged.expected],
        hops,
      });
  }
  return [...ways.values()];
}

/** The node that an address is at: its own, or one that it is announced by. */
function nodeAt(fabric: Fabric, directory: HopDirectory, text: string): string | undefined {
  const known = directory.lookup(text)?.node;
  const address = parseAddress(text);
  if (known !== undefined || address === undefined) return known;
  return fabric.nodes.find(({ prefixes }) =>
    prefixes.some((prefix) => {
      const parsed = parsePrefix(prefix);
      return parsed !== undefined && containsAddress(parsed, address);
    }),
  )?.name;
}

function linksOf(fabric: Fabric): readonly (readonly [string, string])[] {
  return fabric.links.map(({ ends: [a, b] }) => [a.node, b.node] as const);
}

/** Packets pass routers of planes and External Edges; another node only where it is named. */
function fitter(fabric: Fabric, directory: HopDirectory): (atom: HopAtom, node: string) => boolean {
  const nodes = new Map(fabric.nodes.map((node) => [node.name, node]));
  return (atom, name) => {
    const node = nodes.get(name);
    if (node === undefined) return false;
    if (atom.kind === "node") return atom.node === name;
    if (node.role !== "plane" && node.role !== "external-edge") return false;
    if (atom.kind === "any") return true;
    if (atom.kind === "plane") return node.plane === atom.plane;
    if (atom.kind === "address") return directory.lookup(atom.address)?.node === name;
    // An AS is one's own or the whole network's; a prefix says nothing of who is in it.
    return atom.kind === "as" && (node.asn === atom.as || fabric.as === atom.as);
  };
}
