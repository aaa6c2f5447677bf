import type { PartTable } from "../store/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import type { CompiledNode, DesiredNode, DesiredPart } from "./document.ts";

/** What one commit makes of the fleet. */
export interface Generations {
  readonly nodes: ReadonlyMap<string, DesiredNode>;
  /** Nodes whose manifest generation grew. */
  readonly changed: readonly string[];
  /** Nodes that are no longer in the fabric; their topics are to be cleared. */
  readonly removed: readonly string[];
}

/** Digest of a node that is no longer in the fabric. Its row stays: should it come back, its generations go on. */
export const REMOVED = "";

/**
 * Gives generations to what was compiled, by what the database knows: a part's grows exactly when its bytes change, a
 * manifest's when any of its parts does. The same compile twice changes nothing.
 */
export async function recordGenerations(
  tx: StoreTransaction,
  compiled: readonly CompiledNode[],
  revision: number,
): Promise<Generations> {
  const manifests = new Map((await tx.manifests()).map((row) => [row.node, row]));
  const parts = Map.groupBy(await tx.parts(), (row) => row.node);
  const nodes = new Map<string, DesiredNode>();
  const changed: string[] = [];
  for (const { node, parts: compiledParts } of compiled) {
    const held = parts.get(node) ?? [];
    const desiredParts = compiledParts.map((part): DesiredPart => {
      const old = held.find((row) => row.part === part.name);
      const generation = old === undefined ? 1 : old.generation + (old.sha256 === part.sha256 ? 0 : 1);
      return { ...part, generation, size: part.bytes.length };
    });
    const digest = desiredParts.map((part) => `${part.name} ${part.sha256}`).join("\n");
    const old = manifests.get(node);
    if (old?.digest === digest) {
      nodes.set(node, { node, generation: old.generation, revision: old.revision, parts: desiredParts });
      continue;
    }
    const desired = { node, generation: (old?.generation ?? 0) + 1, revision, parts: desiredParts };
    nodes.set(node, desired);
    changed.push(node);
    await writeNode(tx, desired, digest, held);
  }
  const removed: string[] = [];
  for (const row of manifests.values()) {
    if (nodes.has(row.node)) continue;
    removed.push(row.node);
    if (row.digest === REMOVED) continue;
    await tx.putManifest({ node: row.node, generation: row.generation + 1, digest: REMOVED, revision });
    for (const part of parts.get(row.node) ?? []) await tx.retire(row.node, part.sha256, row.generation + 1);
  }
  return { nodes, changed, removed };
}

async function writeNode(
  tx: StoreTransaction,
  desired: DesiredNode,
  digest: string,
  held: readonly PartTable[],
): Promise<void> {
  const { node, generation, revision, parts } = desired;
  await tx.putManifest({ node, generation, digest, revision });
  const wanted = new Set(parts.map((part) => part.sha256));
  for (const old of held) {
    if (!wanted.has(old.sha256)) await tx.retire(node, old.sha256, generation);
  }
  for (const { name, sha256, generation: partGeneration, size } of parts) {
    await tx.putPart({ node, part: name, sha256, generation: partGeneration, size });
    await tx.unretire(node, sha256);
  }
}
