import type { ManifestTable, PartTable } from "../store/schema.ts";
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
  for (const one of compiled) {
    const held = parts.get(one.node) ?? [];
    const { desired, isNew } = await recordNode(tx, one, manifests.get(one.node), held, revision);
    nodes.set(one.node, desired);
    if (isNew) changed.push(one.node);
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

/** Nodes that there are no more, and nothing else; gives the parts of each that a broker may hold. */
export async function recordGone(
  tx: StoreTransaction,
  nodes: readonly string[],
  revision: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const parts = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const manifest = await tx.manifest(node);
    if (manifest === undefined) continue;
    const generation = manifest.generation + 1;
    const held = (await tx.partsOf(node)).map(({ sha256 }) => sha256);
    await tx.putManifest({ node, generation, digest: REMOVED, revision });
    for (const sha256 of held) await tx.retire(node, sha256, generation);
    parts.set(node, held);
  }
  return parts;
}

/** The same for some of the nodes; the others stay as they are. */
export async function recordSome(
  tx: StoreTransaction,
  compiled: readonly CompiledNode[],
  revision: number,
): Promise<readonly DesiredNode[]> {
  const nodes: DesiredNode[] = [];
  for (const one of compiled) {
    const manifest = await tx.manifest(one.node);
    nodes.push((await recordNode(tx, one, manifest, await tx.partsOf(one.node), revision)).desired);
  }
  return nodes;
}

async function recordNode(
  tx: StoreTransaction,
  { node, parts }: CompiledNode,
  manifest: ManifestTable | undefined,
  held: readonly PartTable[],
  revision: number,
): Promise<{ readonly desired: DesiredNode; readonly isNew: boolean }> {
  const byName = new Map(held.map((row) => [row.part, row]));
  const desiredParts = parts.map((part): DesiredPart => {
    const old = byName.get(part.name);
    const generation = old === undefined ? 1 : old.generation + (old.sha256 === part.sha256 ? 0 : 1);
    return { ...part, generation, size: part.bytes.length };
  });
  const digest = desiredParts.map((part) => `${part.name} ${part.sha256}`).join("\n");
  if (manifest?.digest === digest) {
    const { generation, revision: since } = manifest;
    return { desired: { node, generation, revision: since, parts: desiredParts }, isNew: false };
  }
  const desired = { node, generation: (manifest?.generation ?? 0) + 1, revision, parts: desiredParts };
  await writeNode(tx, desired, digest, held);
  return { desired, isNew: true };
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
  const same = new Set(held.map((row) => `${row.part} ${row.sha256} ${row.generation}`));
  for (const { name, sha256, generation: partGeneration, size } of parts) {
    if (same.has(`${name} ${sha256} ${partGeneration}`)) continue;
    await tx.putPart({ node, part: name, sha256, generation: partGeneration, size });
    await tx.unretire(node, sha256);
  }
}
