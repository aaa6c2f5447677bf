import { type ExpectedEntry, type ExpectedPaths, entriesFor } from "@vsix/shared/paths/expected.ts";
import { TRACE_DEFAULTS } from "../trace/task.ts";

export interface OwnPathsOptions {
  /** Name of the one who traces. */
  readonly source: string;
  /** Whether an address is of this very machine. */
  readonly isOwn: (address: string) => boolean;
  /** Of all paths, instead of what the file says; milliseconds. */
  readonly intervalMs?: number;
}

/**
 * What one machine has to trace of a file, "*" written out as its name. Nobody traces himself: "*" leaves out whose address
 * the target is.
 */
export function ownPaths(file: ExpectedPaths, { source, isOwn, intervalMs }: OwnPathsOptions): ExpectedPaths {
  const entries = entriesFor(file, source)
    .filter((entry) => entry.source !== "*" || !isOwn(entry.targetAddress))
    .map((entry) => ({ ...entry, source, ...(intervalMs === undefined ? {} : { intervalMs }) }));
  return { directory: file.directory, entries };
}

/** Routers on a usual way through the Internet, target included, for an estimate. */
const USUAL_HOPS = 8;

/** Probes of one trace of a path of usual length. */
export function packetsOf({ flows }: Pick<ExpectedEntry, "flows">): number {
  return flows * TRACE_DEFAULTS.probes * USUAL_HOPS;
}

/**
 * The same paths, looked at so seldom that they keep within a rate; else turns would be left out, and a path whose trace does
 * not come looks like one that is gone. No path is looked at more often than its own trace takes.
 * @param ratePerS probes a second of all together.
 */
export function paced(entries: readonly ExpectedEntry[], ratePerS: number): readonly ExpectedEntry[] {
  const wanted = entries.reduce((sum, entry) => sum + packetsOf(entry) / (entry.intervalMs / 1000), 0);
  const longer = Math.max(1, wanted / ratePerS);
  return entries.map((entry) => {
    const leastMs = (1000 * packetsOf(entry)) / TRACE_DEFAULTS.ratePerS;
    const intervalMs = Math.max(entry.intervalMs * longer, leastMs);
    return intervalMs === entry.intervalMs
      ? entry
      : { ...entry, intervalMs: Math.ceil(Math.round(intervalMs) / 1000) * 1000 };
  });
}

/** Names of nodes as files hold them. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** A host's name as a node's: its first label, lower case. Undefined where that is no name of a node. */
export function sourceNamed(host: string): string | undefined {
  const [label = ""] = host.toLowerCase().split(".");
  return NAME.test(label) ? label : undefined;
}

/** Who a file has paths from, for people: at most ten. */
export function sourcesText(file: ExpectedPaths): string {
  const names = [...new Set(file.entries.map(({ source }) => source))].sort();
  return names.length > 10
    ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`
    : names.join(", ");
}
