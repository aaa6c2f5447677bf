import { canonicalAddress } from "../net/address.ts";
import type { HopDirectory, HopInfo } from "./directory.ts";
import { type LearnedPaths, learnPaths } from "./learn-paths.ts";
import { planesOn, type SeenPath, seenPath } from "./seen.ts";
import type { Trace } from "./trace.ts";

/**
 * A first file of expected paths from what is seen now: what these traces show is allowed, and nothing else. For a
 * person to read and correct; it says so itself.
 */

export interface LearnOptions {
  /** Wall clock, milliseconds; goes into the first comment. */
  readonly at: number;
  /** Write the named routers' addresses into the file too, so that it can be used where there is no fabric. */
  readonly standalone: boolean;
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

interface Pair {
  readonly source: string;
  readonly target: string;
  readonly address: string;
  readonly traces: Trace[];
}

/** YAML text that parseExpected() takes. Traces without an address to go to are left out. */
export function learnExpected(
  traces: readonly Trace[],
  directory: HopDirectory,
  { at, standalone }: LearnOptions,
): string {
  const pairs = pairsOf(traces);
  const seen = new Map<string, { info: HopInfo; addresses: Set<string> }>();
  const entries = pairs.map((pair) => {
    const paths = pair.traces.flatMap((trace) =>
      trace.flows.filter(({ end }) => end.kind !== "failed").map((flow) => seenPath(trace, flow)),
    );
    for (const address of paths.flatMap(({ hops }) => hops.flat())) {
      const info = directory.lookup(address);
      if (info?.node === undefined) continue;
      const known = seen.get(info.node) ?? { info, addresses: new Set() };
      seen.set(info.node, known);
      known.addresses.add(address);
    }
    return entryText(pair, paths, learnPaths(paths, withoutName(directory, pair.target)), directory);
  });
  const lines = [
    `# Expected paths, learned from traces of ${new Date(at).toISOString()}.`,
    "# Read it before you trust it: whatever was wrong then is called right here.",
    "# Names are safer than addresses; `plane: blue x1-3` is safer than a list, where the way inside a plane may change.",
    "version: 1",
  ];
  if (standalone && seen.size > 0) {
    lines.push("", "hops:");
    for (const [node, { info, addresses }] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const plane = info.plane === undefined ? "" : `plane: ${scalar(info.plane)}, `;
      const as = info.as[0] === undefined ? "" : `as: ${info.as[0]}, `;
      const list = [...addresses].slice(0, 256).map(scalar).join(", ");
      lines.push(`  ${scalar(node)}: { ${plane}${as}addresses: [${list}] }`);
    }
  }
  lines.push("", "paths:", ...entries.flat());
  return `${lines.join("\n")}\n`;
}

function entryText(
  pair: Pair,
  paths: readonly SeenPath[],
  learned: LearnedPaths,
  directory: HopDirectory,
): readonly string[] {
  const [first] = pair.traces;
  if (first === undefined || paths.length === 0) {
    return [`  # ${pair.source} to ${pair.target}: nothing was measured.`];
  }
  const planes = new Set(paths.flatMap(({ hops }) => planesOn(hops, directory)));
  const seen = Math.min(...pair.traces.map(({ allPathsSeen }) => allPathsSeen ?? 0));
  const missed = paths.filter(({ complete }) => !complete).length;
  const notes = [
    `${paths.length} flows, ${learned.distinct} different paths`,
    ...(planes.size === 0 ? [] : [`plane ${[...planes].sort().join(" and ")}`]),
    ...(seen > 0 ? [`every equal-cost path seen with ${Math.floor(seen * 100)} % confidence`] : []),
    ...(missed === 0 ? [] : [`NOT REACHED by ${missed} of them: those paths end in ...`]),
    ...(learned.merged ? ["too many to list: choices per hop allow more than was seen"] : []),
  ];
  return [
    `  # ${pair.source} to ${pair.target}: ${notes.join("; ")}.`,
    `  - source: ${scalar(pair.source)}`,
    `    target: { name: ${scalar(pair.target)}, address: ${scalar(pair.address)} }`,
    `    protocol: ${first.protocol}`,
    `    flows: ${Math.min(64, Math.max(1, ...pair.traces.map(({ flows }) => flows.length)))}`,
    "    allowed:",
    ...learned.paths.map((hops) => `      - [${hops.map(scalar).join(", ")}]`),
  ];
}

/** One pair per source and target; names that a file cannot hold are replaced. */
function pairsOf(traces: readonly Trace[]): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  const names = new Map<string, string>();
  for (const trace of traces) {
    const address = canonicalAddress(trace.targetAddress);
    if (address === undefined) continue;
    const source = NAME.test(trace.source) ? trace.source : "*";
    const target = nameFor(NAME.test(trace.target) ? trace.target : "target", address, names);
    const key = `${source} ${target}`;
    const pair = pairs.get(key) ?? { source, target, address, traces: [] };
    pairs.set(key, pair);
    pair.traces.push(trace);
  }
  return [...pairs.values()];
}

/** A router that has the target's name stands in the file by its address: as a hop that name would mean the target. */
function withoutName(directory: HopDirectory, name: string): HopDirectory {
  const lookup = (address: string): HopInfo | undefined => {
    const info = directory.lookup(address);
    return info?.node === name ? undefined : info;
  };
  return { ...directory, lookup };
}

/** A name that means this address alone. */
function nameFor(wanted: string, address: string, names: Map<string, string>): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted.slice(0, 56)}-${i}`;
    const owner = names.get(name);
    if (owner !== undefined && owner !== address) continue;
    names.set(name, address);
    return name;
  }
}

/** Plain where YAML reads a plain text as text; otherwise quoted: JSON strings are YAML. */
function scalar(text: string): string {
  return NAME.test(text) && !/^(true|false|null)$/.test(text) ? text : JSON.stringify(text);
}
