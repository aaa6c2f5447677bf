import type { NeighbourPart } from "@vsix/shared/contract/part-bgp.ts";

/** A neighbour that announces more than it may. */
export interface OverLimit {
  readonly name: string;
  readonly address: string;
  readonly received: number;
  readonly limit: number;
}

/** Neighbours whose session carries more prefixes than the document allows, as just seen. */
export function overLimit(
  bgp: { readonly neighbours: readonly Pick<NeighbourPart, "name" | "address" | "maxPrefixes">[] },
  sessions: readonly { readonly neighbour: string; readonly received: number }[],
): readonly OverLimit[] {
  const received = new Map(sessions.map((session) => [session.neighbour, session.received]));
  return bgp.neighbours.flatMap(({ name, address, maxPrefixes }) => {
    const count = received.get(name) ?? 0;
    return count > maxPrefixes ? [{ name, address, received: count, limit: maxPrefixes }] : [];
  });
}
