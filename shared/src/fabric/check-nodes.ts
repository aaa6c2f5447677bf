import { didYouMean } from "./did-you-mean.ts";
import type { Draft, DraftNode } from "./draft.ts";
import type { NodeFile } from "./schema.ts";

/** What each role needs and what means nothing for it. */
export function checkNodes(draft: Draft): void {
  checkSites(draft);
  for (const node of draft.nodes.values()) {
    checkSite(draft, node);
    checkPlanes(draft, node);
    checkFields(draft, node);
  }
  checkController(draft);
}

function checkSites(draft: Draft): void {
  const seen = new Set<string>();
  for (const [i, site] of (draft.file.sites ?? []).entries()) {
    if (site === undefined) continue;
    if (seen.has(site)) draft.report({ path: ["sites", i], message: `site ${site} is named twice` });
    seen.add(site);
  }
}

function checkSite(draft: Draft, node: DraftNode): void {
  const sites = draft.file.sites;
  if (node.site === undefined) {
    if (node.role === undefined || node.role === "upstream" || Object.hasOwn(node, "site")) return;
    draft.report({
      path: node.path,
      at: "key",
      message: `${node.name} needs \`site\`, one of ${list(sites ?? [])}`,
    });
  } else if (sites !== undefined && !sites.includes(node.site)) {
    const message = `there is no site ${node.site}${didYouMean(node.site, known(sites))}; sites: ${list(sites)}`;
    draft.report({ path: [...node.path, "site"], message });
  }
}

function checkPlanes(draft: Draft, node: DraftNode): void {
  const { planes } = draft;
  if (node.role === "plane" && node.plane === undefined && !Object.hasOwn(node, "plane")) {
    draft.report({
      path: node.path,
      at: "key",
      message: `${node.name} needs \`plane\`, one of ${list(planes)}`,
    });
  }
  for (const field of ["plane", "prefers"] as const) {
    const plane = node[field];
    if (plane === undefined || draft.file.planes === undefined || planes.includes(plane)) continue;
    const message = `there is no plane ${plane}${didYouMean(plane, planes)}; planes: ${list(planes)}`;
    draft.report({ path: [...node.path, field], message });
  }
}

/** Fields that only some roles have. `as` and `site` are judged elsewhere. */
const FIELD_ROLES: readonly (readonly [keyof NodeFile, readonly NodeFile["role"][], string])[] = [
  ["plane", ["plane"], "only a plane router is in a plane (an Edge `prefers` one)"],
  ["prefers", ["edge"], "only an Edge prefers a plane"],
  ["table", ["edge"], "only an Edge chooses what it hears"],
  ["prefixes", ["edge", "upstream"], "only Edges and upstreams announce prefixes of their own"],
  ["loopback", ["plane", "external-edge"], "the loopback of an Edge or upstream is ::1 of its first prefix"],
];

function checkFields(draft: Draft, node: DraftNode): void {
  const { role } = node;
  if (role === undefined) return;
  for (const [field, roles, why] of FIELD_ROLES) {
    if (node[field] === undefined || roles.includes(role)) continue;
    draft.report({
      path: [...node.path, field],
      at: "key",
      message: `\`${field}\` means nothing for role ${role}: ${why}`,
    });
  }
  if (node.controller === true && role !== "edge") {
    draft.report({ path: [...node.path, "controller"], message: "the controller lives at an Edge" });
  }
  const forced = role === "upstream" ? "bird" : role === "edge" ? undefined : "vsix";
  if (node.software !== undefined && forced !== undefined && node.software !== forced) {
    draft.report({
      path: [...node.path, "software"],
      message: `a node of role ${role} always runs ${forced}`,
    });
  }
}

function checkController(draft: Draft): void {
  const edges = [...draft.nodes.values()].filter((node) => node.controller === true && node.role === "edge");
  if (edges.length === 0 && draft.complete && draft.file.nodes !== undefined) {
    draft.report({
      path: ["nodes"],
      at: "key",
      message: "no Edge has `controller: true`; the controller lives at exactly one",
    });
  }
  for (const node of edges.slice(1)) {
    const message = `the controller already lives at ${edges[0]?.name}; exactly one Edge has it`;
    draft.report({ path: [...node.path, "controller"], message });
  }
}

function known(names: readonly (string | undefined)[]): readonly string[] {
  return names.filter((name) => name !== undefined);
}

function list(names: readonly (string | undefined)[]): string {
  return known(names).join(", ");
}
