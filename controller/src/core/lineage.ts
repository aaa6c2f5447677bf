import type { Report } from "@vsix/shared/contract/up.ts";

/** What this controller has made, to compare reports with. */
export interface Ours {
  readonly epoch: number;
  /** Everything of this epoch and before was given up by `vsixctl epoch raise`. */
  readonly floor: number;
  /** Random once for this database. */
  readonly lineage: number;
  /** Undefined for a node that is in no fabric of ours. */
  readonly made: (
    node: string,
  ) => { readonly generation: number; readonly content: string | undefined } | undefined;
  /** False before the first fabric. */
  readonly hasFabric: boolean;
}

/**
 * Whether a node holds what this controller cannot have made: it was restored from an older backup, or another one is at
 * work with the same nodes. In words, or undefined. Generations only grow, across epochs too, so a database that knows a
 * smaller one than a node holds has forgotten something, whatever its epoch is.
 */
export function aheadOf(
  report: Pick<Report, "node" | "epoch" | "generation" | "content" | "lineage">,
  ours: Ours,
): string | undefined {
  const { node, epoch, generation, content } = report;
  if (epoch === 0 || epoch <= ours.floor) return undefined;
  const holds = `${node} holds generation ${generation} of epoch ${epoch}`;
  if (!ours.hasFabric) return `${holds}; this controller has published nothing yet`;
  if (epoch > ours.epoch) return `${holds}; this controller is at epoch ${ours.epoch}`;
  if (report.lineage !== undefined && report.lineage !== ours.lineage)
    return `${holds} from another controller's database`;
  const made = ours.made(node);
  if (made === undefined) return undefined;
  if (generation > made.generation)
    return `${holds}; the newest that this controller has made is ${made.generation}`;
  if (generation === made.generation && content !== undefined && made.content !== undefined)
    return content === made.content ? undefined : `${holds} with other content than this controller made`;
  return undefined;
}
