import { formatPrefix, overlaps, parsePrefix } from "../net/prefix.ts";
import { ENCAPSULATION_ROOM } from "./defaults.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Draft, type DraftLink, type DraftNode, readPrefix } from "./draft.ts";
import type { FabricLink } from "./model.ts";
import { type Claim, reportOverlaps } from "./overlaps.ts";
import {
  defaultBlocks,
  defaultMtuOf,
  interfaceNameOf,
  isInterfaceName,
  linkKindOf,
  pairKey,
} from "./plan.ts";

/** Links: who may be joined to whom, interface names, MTUs, addresses. */
export function checkLinks(draft: Draft): void {
  for (const link of draft.links) checkEnds(draft, link);
  checkInterfaces(draft);
  checkMtus(draft);
  checkLinkPrefixes(draft);
}

/** The kind of a link whose ends are known and may be joined. */
export function kindOf({ ends: [a, b] }: DraftLink): FabricLink["kind"] | undefined {
  return a?.role === undefined || b?.role === undefined ? undefined : linkKindOf(a.role, b.role);
}

function checkEnds(draft: Draft, link: DraftLink): void {
  const report = (message: string) => draft.report({ path: [...link.path, "ends"], message });
  for (const [i, name] of link.names.entries()) {
    if (name === undefined || link.ends[i] !== undefined || draft.file.nodes === undefined) continue;
    const message = `there is no node ${name}${didYouMean(name, draft.nodes.keys())}`;
    draft.report({ path: [...link.path, "ends", i], message });
  }
  const [a, b] = link.ends;
  if (a === undefined || b === undefined) return;
  if (a === b) {
    report(`both ends are ${a.name}`);
    return;
  }
  if (a.role === undefined || b.role === undefined) return;
  const kind = linkKindOf(a.role, b.role);
  if (kind === undefined) {
    report(`${describe(a)} and ${describe(b)} cannot be joined: ${whyNot(a, b)}`);
  } else if (
    kind === "plane-internal" &&
    a.plane !== undefined &&
    b.plane !== undefined &&
    a.plane !== b.plane
  ) {
    report(`${a.name} is in plane ${a.plane} and ${b.name} in plane ${b.plane}; planes are never joined`);
  } else if (kind === "plane-edge" || kind === "plane-external") {
    if (link.crossSite !== true && a.site !== b.site && isSite(draft, a.site) && isSite(draft, b.site)) {
      const message = `${a.name} is at ${a.site} and ${b.name} at ${b.site}; if that is meant, say \`crossSite: true\``;
      report(message);
    }
  }
  if (link.cost !== undefined && kind !== undefined && kind !== "plane-internal") {
    const message = "`cost` means nothing here: only links inside a plane have one";
    draft.report({ path: [...link.path, "cost"], at: "key", message });
  }
  if (link.bfd !== undefined && kind === "outside") {
    const message = "`bfd` means nothing here: neither end is ours";
    draft.report({ path: [...link.path, "bfd"], at: "key", message });
  }
}

/** A misspelt site has been reported; it is no reason to speak of its links. */
function isSite(draft: Draft, site: string | undefined): boolean {
  return site !== undefined && draft.file.sites?.includes(site) === true;
}

function describe(node: DraftNode): string {
  return `${node.name} (${node.role})`;
}

function whyNot(a: DraftNode, b: DraftNode): string {
  const roles = [a.role, b.role];
  if (roles.includes("upstream")) return "outside ASes stand behind External Edges only";
  if (roles.includes("edge")) return "an Edge is joined to plane routers only";
  return "External Edges meet through the planes";
}

/** Every interface name fits the kernel and is there once on its node. */
function checkInterfaces(draft: Draft): void {
  const counts = new Map<string, number>();
  const taken = new Set<string>();
  for (const link of draft.links) {
    const [a, b] = link.ends;
    if (a === undefined || b === undefined || a === b) continue;
    const key = pairKey(a.name, b.name);
    const ordinal = counts.get(key) ?? 0;
    counts.set(key, ordinal + 1);
    for (const [i, self, peer] of [
      [0, a, b],
      [1, b, a],
    ] as const) {
      const given = link.interfaces?.[i];
      const name = given ?? interfaceNameOf(peer.name, ordinal);
      const path = given === undefined ? link.path : [...link.path, "interfaces", i];
      if (!isInterfaceName(name)) {
        draft.report({ path, message: `${JSON.stringify(name)} cannot be the name of an interface` });
      } else if (taken.has(`${self.name} ${name}`)) {
        const message = `${self.name} already has an interface ${name}; give this link \`interfaces\` of its own`;
        draft.report({ path, message });
      }
      taken.add(`${self.name} ${name}`);
    }
  }
}

/** Inside the AS an Edge's largest packet travels with an outer header and, at most, an SRH of one segment. */
function checkMtus(draft: Draft): void {
  const mtus = draft.links.flatMap((link) => {
    const kind = kindOf(link);
    return kind === undefined ? [] : [{ link, kind, mtu: link.mtu ?? defaultMtuOf(kind) }];
  });
  const edge = mtus
    .filter(({ kind }) => kind === "plane-edge")
    .reduce((most, { mtu }) => Math.max(most, mtu), 0);
  for (const { link, kind, mtu } of mtus) {
    if (kind !== "plane-internal" && kind !== "plane-external") continue;
    if (edge === 0 || mtu >= edge + ENCAPSULATION_ROOM || link.narrow === true) continue;
    draft.report({
      path: link.mtu === undefined ? link.path : [...link.path, "mtu"],
      message: `mtu ${mtu} does not carry an Edge's ${edge} + ${ENCAPSULATION_ROOM} of SRv6 encapsulation; at least ${edge + ENCAPSULATION_ROOM}, or narrow: true`,
    });
  }
}

/** Link prefixes that are written: a /127 that nothing else uses. */
function checkLinkPrefixes(draft: Draft): void {
  const claims: Claim[] = [];
  const infrastructure = draft.infrastructure?.prefix.length === 40 ? draft.infrastructure.prefix : undefined;
  const derived = infrastructure === undefined ? undefined : defaultBlocks(infrastructure);
  const { addressing } = draft.file;
  for (const link of draft.links) {
    const given = readPrefix(draft.report, [...link.path, "prefix"], link.prefix);
    if (given === undefined) continue;
    const { prefix, path } = given;
    const text = formatPrefix(prefix);
    if (prefix.length !== 127) {
      draft.report({ path, message: `${text}: a link has a /127 (RFC 6164)` });
      continue;
    }
    for (const field of ["loopbacks", "links", "sids"] as const) {
      const block = parsePrefix(addressing?.[field] ?? "") ?? derived?.[field];
      if (block !== undefined && overlaps(block, prefix)) {
        const message = `${text} lies in the block of ${field}, ${formatPrefix(block)}, whose addresses are derived`;
        draft.report({ path, message });
      }
    }
    const owner = [...draft.nodes.values()].find((node) =>
      node.announced.some((one) => node.role === "edge" && overlaps(one.prefix, prefix)),
    );
    if (owner !== undefined) draft.report({ path, message: `${text} lies in a prefix of ${owner.name}` });
    claims.push({ prefix, path, owner: `the prefix of ${link.names.join(" - ")}` });
  }
  reportOverlaps(draft.report, claims);
}
