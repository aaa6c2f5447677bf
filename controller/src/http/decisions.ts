import type { Context } from "../operations/context.ts";

/**
 * What the status of the network follows from and must show at once: what was decided here, who is there, and where Edges are seen.
 * All else that nodes tell comes by the hundred a second from a large network.
 */
export function decisionsOf(context: Context): () => readonly unknown[] {
  const { desired, fleet, lineage, registry, trials } = context;
  let turns = 0;
  // For as long as the controller runs, as the server does.
  fleet.listen(({ type }) => {
    if (type === "presence" || type === "plane") turns++;
  });
  return () => [
    desired.inForce,
    lineage.epoch,
    lineage.ahead.join("\n"),
    trials.progress,
    registry.changes,
    turns,
  ];
}
