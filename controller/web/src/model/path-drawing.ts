import type { PathDetail } from "../api/types.ts";
import type { Network } from "./network.ts";

/** A watched path as it goes and as it should, for the drawing and for the table beside it. Pure. */

type Drawn = PathDetail["drawn"];

/** A line over the network: names of nodes that follow each other. */
export interface DrawnWay {
  readonly id: string;
  readonly kind: "now" | "expected";
  readonly steps: readonly {
    readonly from: string;
    readonly to: string;
    /** Between them somebody answered that the fabric does not know, or nobody. */
    readonly isGap: boolean;
    /** Behind the place where the path leaves what is allowed. */
    readonly isAstray: boolean;
  }[];
}

export interface PathDrawing {
  readonly ways: readonly DrawnWay[];
  /** The last nodes that were right: from there the path goes another way. */
  readonly partings: readonly string[];
}

export function pathDrawing(source: string, { target, ways, expected }: Drawn): PathDrawing {
  const now = ways.map((way, place): DrawnWay & { readonly parting: string | undefined } => {
    // Place 0 is the source, place i the hop i.
    const places = [source, ...way.hops.map(({ node }) => node), ...(way.arrives ? [target] : [])];
    const known = places.flatMap((name, at) => (name === null ? [] : [{ name, at }]));
    const steps = known.slice(1).flatMap(({ name, at }, i) => {
      const before = known[i];
      if (before === undefined || before.name === name) return [];
      const isAstray = way.partsAt !== null && at >= way.partsAt;
      return [{ from: before.name, to: name, isGap: at - before.at > 1, isAstray }];
    });
    const { partsAt } = way;
    const right = partsAt === null ? [] : known.filter(({ at }) => at < partsAt);
    return { id: `now-${place}`, kind: "now", steps, parting: right.at(-1)?.name };
  });
  return {
    ways: [
      ...expected.flatMap(({ nodes }, place): DrawnWay[] =>
        nodes === null || nodes.length < 2
          ? []
          : [{ id: `expected-${place}`, kind: "expected", steps: stepsOf(nodes) }],
      ),
      ...now.map(({ id, kind, steps }) => ({ id, kind, steps })),
    ],
    partings: [...new Set(now.flatMap(({ parting }) => parting ?? []))],
  };
}

function stepsOf(nodes: readonly string[]): DrawnWay["steps"] {
  return nodes.slice(1).map((to, i) => ({ from: nodes[i] ?? to, to, isGap: false, isAstray: false }));
}

/** Of a large network what a path needs: the nodes on it, and the routers beside those. */
export function around(network: Network, { ways }: PathDrawing): Network {
  const on = new Set(ways.flatMap(({ steps }) => steps.flatMap(({ from, to }) => [from, to])));
  const beside = network.links.flatMap(({ a, b }) => [...(on.has(a) ? [b] : []), ...(on.has(b) ? [a] : [])]);
  const isRouter = new Set(network.nodes.filter(({ role }) => role !== "edge").map(({ name }) => name));
  const kept = new Set([...on, ...beside.filter((name) => isRouter.has(name))]);
  const nodes = network.nodes.filter(({ name }) => kept.has(name));
  return {
    ...network,
    sites: network.sites.filter((site) => nodes.some((node) => node.site === site)),
    nodes,
    links: network.links.filter(({ a, b }) => kept.has(a) && kept.has(b)),
  };
}

export interface HopRow {
  readonly hop: number;
  /** Name, else address; `*`: nobody answered; null: it was at its end before. */
  readonly now: string | null;
  readonly expected: string | null;
  readonly standing: "same" | "parts" | "after" | "open";
}

/**
 * One way hop by hop beside an expected one. `open`: nothing of that hop is expected by name. The allowed pattern judges, not this
 * table: where it says that the path is right, two names may differ, for a pattern allows many ways.
 */
export function hopRows(way: Drawn["ways"][number], expected: readonly string[] | null): readonly HopRow[] {
  const wanted = (expected ?? []).slice(1, -1);
  const length = Math.max(way.hops.length, wanted.length);
  return Array.from({ length }, (_, i): HopRow => {
    const hop = i + 1;
    const seen = way.hops[i];
    const now = seen === undefined ? null : (seen.node ?? seen.address ?? "*");
    const { partsAt } = way;
    return {
      ...{ hop, now, expected: wanted[i] ?? null },
      standing:
        partsAt !== null && hop >= partsAt
          ? hop === partsAt
            ? "parts"
            : "after"
          : now !== null && now === wanted[i]
            ? "same"
            : "open",
    };
  });
}

/** The expected way that a flow's way has most in common with from the beginning; undefined where none can be drawn. */
export function nearestExpected(
  way: Drawn["ways"][number],
  expected: Drawn["expected"],
): Drawn["expected"][number] | undefined {
  const common = ({ nodes }: Drawn["expected"][number]): number => {
    const wanted = (nodes ?? []).slice(1, -1);
    const at = wanted.findIndex((name, i) => way.hops[i]?.node !== name);
    return nodes === null || nodes.length === 0 ? -1 : at < 0 ? wanted.length : at;
  };
  return expected.toSorted((a, b) => common(b) - common(a))[0];
}
