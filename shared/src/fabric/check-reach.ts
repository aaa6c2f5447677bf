import { kindOf } from "./check-links.ts";
import type { Draft, DraftNode } from "./draft.ts";

/** What must be joined is joined. Says nothing when a link or a role could not be read: it might be that one. */
export function checkReach(draft: Draft): void {
  if (!draft.complete) return;
  const neighbours = new Map<string, Set<DraftNode>>();
  for (const link of draft.links) {
    const [a, b] = link.ends;
    if (a === undefined || b === undefined || kindOf(link) === undefined) continue;
    add(neighbours, a.name, b);
    add(neighbours, b.name, a);
  }
  for (const node of draft.nodes.values()) checkNode(draft, node, neighbours.get(node.name) ?? new Set());
  for (const plane of draft.planes) checkPlane(draft, plane, neighbours);
}

function checkNode(draft: Draft, node: DraftNode, around: ReadonlySet<DraftNode>): void {
  const report = (message: string) => draft.report({ path: node.path, at: "key", message });
  if (node.role === "edge" || node.role === "external-edge") {
    const reached = new Set([...around].map((peer) => peer.plane));
    // A plane router with a misspelt plane has been reported; its links might be the missing ones.
    if ([...around].some((peer) => peer.role === "plane" && !draft.planes.includes(peer.plane ?? ""))) return;
    for (const plane of draft.planes) {
      if (!reached.has(plane))
        report(`${node.role} ${node.name} has no link to plane ${plane}; it needs one to each`);
    }
  } else if (around.size === 0) report(`${node.name} has no link at all`);
}

/** A plane has a router, and its routers reach each other inside it. */
function checkPlane(
  draft: Draft,
  plane: string,
  neighbours: ReadonlyMap<string, ReadonlySet<DraftNode>>,
): void {
  const routers = [...draft.nodes.values()].filter((node) => node.role === "plane" && node.plane === plane);
  const [first] = routers;
  const report = (message: string) => draft.report({ path: ["planes", plane], at: "key", message });
  if (first === undefined) {
    const misspelt = [...draft.nodes.values()].some(
      (node) => node.role === "plane" && !draft.planes.includes(node.plane ?? ""),
    );
    if (!misspelt) report(`plane ${plane} has no router`);
    return;
  }
  const reached = new Set([first.name]);
  const waiting = [first.name];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const peer of neighbours.get(name) ?? []) {
      if (peer.role !== "plane" || peer.plane !== plane || reached.has(peer.name)) continue;
      reached.add(peer.name);
      waiting.push(peer.name);
    }
  }
  const cut = routers.filter((node) => !reached.has(node.name)).map((node) => node.name);
  if (cut.length > 0)
    report(`plane ${plane} is in pieces: no path inside it from ${first.name} to ${cut.join(", ")}`);
}

function add(map: Map<string, Set<DraftNode>>, key: string, node: DraftNode): void {
  const set = map.get(key) ?? new Set();
  set.add(node);
  map.set(key, set);
}
