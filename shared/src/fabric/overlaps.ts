import { comparePrefixes, containsPrefix, formatPrefix } from "../net/prefix.ts";
import type { Located } from "./draft.ts";
import type { Finding } from "./fault.ts";

/** A prefix that somebody has for himself. */
export interface Claim extends Located {
  /** Goes after "is": "edge-1's". */
  readonly owner: string;
}

/** Says of every claim that lies in (or equals) another one. In n log n: sorted, what contains a prefix stands before it. */
export function reportOverlaps(report: (finding: Finding) => void, claims: readonly Claim[]): void {
  const sorted = claims
    .map((claim, order) => ({ claim, order }))
    .sort((a, b) => comparePrefixes(a.claim.prefix, b.claim.prefix) || a.order - b.order);
  const around: Claim[] = [];
  for (const { claim } of sorted) {
    let outer = around.at(-1);
    while (outer !== undefined && !containsPrefix(outer.prefix, claim.prefix)) {
      around.pop();
      outer = around.at(-1);
    }
    if (outer !== undefined) {
      const text = formatPrefix(claim.prefix);
      const message =
        outer.prefix.length === claim.prefix.length
          ? `${text} is already ${outer.owner}`
          : `${text} lies in ${formatPrefix(outer.prefix)}, which is ${outer.owner}`;
      report({ path: claim.path, message });
    }
    around.push(claim);
  }
}
