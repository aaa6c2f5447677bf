import { canonicalAddress } from "../net/address.ts";
import type { HopDirectory } from "./directory.ts";
import type { SeenHop } from "./match.ts";
import type { Trace, TraceFlow, TraceHop } from "./trace.ts";

/** Hop limits are octets (RFC 8200 section 3). */
export const MAX_HOPS = 255;

/** One flow as its routers answered. */
export interface SeenPath {
  /** Routers between source and target, first hop first; empty: silent. Canonical addresses. */
  readonly hops: readonly SeenHop[];
  /** The target came right after them. */
  readonly complete: boolean;
  /** Hop limits at which a router limits its answers. */
  readonly rateLimited: readonly number[];
  /** All probes with the hop limit that reaches the target; absent when it is not reached. */
  readonly atTarget?: TraceHop;
}

/** Reads a flow. What answers at or behind the hop where the target came is not the path's, and left out. */
export function seenPath(trace: Trace, flow: TraceFlow): SeenPath {
  const byHop = new Map<number, TraceHop>();
  for (const hop of flow.hops) {
    if (Number.isInteger(hop.hop) && hop.hop >= 1 && hop.hop <= MAX_HOPS) byHop.set(hop.hop, hop);
  }
  const { end } = flow;
  const reached = reachedAt(trace, flow);
  const length = Math.min(MAX_HOPS, Math.max(0, pathLength(flow, reached)));
  const target = canonicalAddress(trace.targetAddress);
  const hops = Array.from({ length }, (_, i): SeenHop => {
    const answers = byHop.get(i + 1)?.answers ?? [];
    // "Too big" comes from a router on the way as well (RFC 4443 section 3.2).
    const routers = answers.filter(({ kind }) => kind === "time-exceeded" || kind === "too-big");
    const addresses = routers.flatMap(({ address }) => canonicalAddress(address) ?? []);
    if (end.kind === "unreachable" && end.hop === i + 1) addresses.push(canonicalAddress(end.address) ?? "");
    return [...new Set(addresses)].filter((address) => address !== "" && address !== target);
  });
  const atTarget = reached === undefined ? undefined : byHop.get(reached);
  return {
    hops,
    complete: reached !== undefined,
    rateLimited: [...byHop.values()].flatMap(({ hop, rateLimited }) =>
      rateLimited && hop <= length ? [hop] : [],
    ),
    ...(atTarget === undefined ? {} : { atTarget }),
  };
}

/** Planes of the known hops, each once, in the order of the path. */
export function planesOn(hops: readonly SeenHop[], directory: HopDirectory): readonly string[] {
  return [...new Set(hops.flat().flatMap((address) => directory.lookup(address)?.plane ?? []))];
}

/** Hop limit at which the target answered; undefined if it did not. */
export function reachedAt(trace: Trace, { end }: TraceFlow): number | undefined {
  if (end.kind === "reached") return end.hop;
  // The target itself says that nobody listens on the port (RFC 4443 section 3.1, code 4): it is reached.
  const own =
    end.kind === "unreachable" && canonicalAddress(end.address) === canonicalAddress(trace.targetAddress);
  return own && end.code === 4 ? end.hop : undefined;
}

function pathLength({ end, hops }: TraceFlow, reached: number | undefined): number {
  if (reached !== undefined) return reached - 1;
  switch (end.kind) {
    case "unreachable":
      return end.hop;
    case "silent":
      return end.fromHop - 1;
    case "too-long":
      return Math.min(end.maxHops, hops.length);
    default:
      return 0;
  }
}
