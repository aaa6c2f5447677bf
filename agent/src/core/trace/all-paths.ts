/**
 * How sure it is that no equal-cost path was missed: the Multipath Detection Algorithm (Augustin, Friedman, Teixeira:
 * "Measuring load-balanced paths in the Internet", IMC 2007; Veitch, Augustin, Teixeira, Friedman: "Failure control in
 * multipath route tracing", INFOCOM 2009). It supposes that a router spreads flows evenly over its next hops.
 */

/** How likely `flows` flows over `paths` equal paths leave at least one path unused: inclusion and exclusion. */
export function missing(paths: number, flows: number): number {
  let sum = 0;
  let choose = 1;
  for (let i = 1; i <= paths; i++) {
    choose = (choose * (paths - i + 1)) / i;
    sum += (i % 2 === 1 ? 1 : -1) * choose * (1 - i / paths) ** flows;
  }
  return Math.min(1, Math.max(0, sum));
}

/** The stopping point: how many flows must go through a router with `seen` next hops to say with confidence that it has no more. */
export function stoppingPoint(seen: number, confidence: number): number {
  let flows = seen;
  while (1 - missing(seen + 1, flows) < confidence) flows++;
  return flows;
}

/** Addresses of one flow hop by hop, undefined where nobody answered. */
export type SeenPath = readonly (string | undefined)[];

/**
 * Confidence that every next hop of every router on these paths was seen: the product over all routers, as each may be one
 * that balances. A hop at which nobody says anything counts as one router; a single answer that is missing counts for
 * nothing, neither as a router nor as a flow. 0 to 1.
 */
export function confidenceOf(paths: readonly SeenPath[], source: string): number {
  const speaks = new Set(
    paths.flatMap((path) => path.flatMap((address, i) => (address === undefined ? [] : [i]))),
  );
  const nameAt = (path: SeenPath, i: number): string | undefined =>
    i < 0 ? source : (path[i] ?? (speaks.has(i) ? undefined : "silent"));
  const nextOf = new Map<string, { flows: number; readonly next: Set<string> }>();
  for (const path of paths)
    for (let i = 0; i < path.length; i++) {
      const [from, to] = [nameAt(path, i - 1), nameAt(path, i)];
      if (from === undefined || to === undefined) continue;
      const key = `${i} ${from}`;
      const node = nextOf.get(key) ?? { flows: 0, next: new Set<string>() };
      node.flows++;
      node.next.add(to);
      nextOf.set(key, node);
    }
  let confidence = nextOf.size === 0 ? 0 : 1;
  for (const { flows, next } of nextOf.values()) confidence *= 1 - missing(next.size + 1, flows);
  return confidence;
}
