import type { Fault, Finding } from "../fabric/fault.ts";
import { checkSchema } from "../fabric/loose.ts";
import { readYaml } from "../fabric/yaml.ts";
import { canonicalAddress } from "../net/address.ts";
import { checkExpected } from "./check.ts";
import { EMPTY_DIRECTORY, type HopDirectory } from "./directory.ts";
import type { ExpectedEntry, ExpectedPaths } from "./expected.ts";
import type { PathPattern } from "./pattern.ts";
import {
  DEFAULT_FLOWS,
  DEFAULT_INTERVAL_S,
  DEFAULT_PROTOCOL,
  type EntryFile,
  ExpectedFile,
} from "./schema.ts";

export type ExpectedResult =
  | { readonly ok: true; readonly expected: ExpectedPaths }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export interface ParseOptions {
  /** Nodes, planes and AS numbers known besides those of the file; of a fabric: fabricDirectory(). */
  readonly known?: HopDirectory;
  /** Nodes that can trace. Absent: not checked. */
  readonly sources?: ReadonlySet<string>;
}

/**
 * Reads a file of expected paths: every fault at once, in the order of the file, or what it means. `file` is the name
 * that faults carry. Never throws on any text; at most 1 MiB is read.
 */
export function parseExpected(text: string, file: string, options: ParseOptions = {}): ExpectedResult {
  const { faults, expected } = fitExpected(text, file, options);
  return expected === undefined || faults.length > 0 ? { ok: false, faults } : { ok: true, expected };
}

/** A file read as far as it makes sense. */
export interface FittedPaths {
  /** In the order of the file. */
  readonly faults: readonly Fault[];
  /** Its entries without fault; undefined where something is wrong with the file as a whole. */
  readonly expected?: ExpectedPaths;
}

/**
 * Like {@link parseExpected}, but entries with a fault are only left out: of a file that was right when it was written, and
 * of which a changed network knows some names no more. Never throws.
 */
export function fitExpected(text: string, file: string, options: ParseOptions = {}): FittedPaths {
  const read = readYaml(text, file);
  if (!read.ok) return { faults: read.faults };
  const version = (read.yaml.value as { readonly version?: unknown } | null)?.version;
  if (typeof version === "number" && version !== 1) {
    const message = `format version ${version} is not known; this program reads version 1`;
    return { faults: [read.yaml.locate({ path: ["version"], message })] };
  }
  const { findings, loose } = checkSchema(ExpectedFile, read.yaml.value);
  const all: Finding[] = [...findings];
  const known = options.known ?? EMPTY_DIRECTORY;
  const checked =
    loose === undefined
      ? undefined
      : checkExpected(loose, known, options.sources, (finding) => all.push(finding));
  const faults = all
    .map((finding) => read.yaml.locate(finding))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  const places = all.map(({ path: [top, at] }) =>
    top === "paths" && typeof at === "number" ? at : undefined,
  );
  if (checked === undefined || findings.length > 0 || places.includes(undefined)) return { faults };
  const value = read.yaml.value as ExpectedFile;
  const entries = value.paths.flatMap((entry, i) =>
    places.includes(i) ? [] : [resolve(entry, value.defaults ?? {}, checked.allowed[i] ?? [])],
  );
  return { faults, expected: { directory: checked.directory, entries } };
}

function resolve(
  entry: EntryFile,
  defaults: NonNullable<ExpectedFile["defaults"]>,
  allowed: readonly PathPattern[],
): ExpectedEntry {
  const loss = entry.lossPercent ?? defaults.lossPercent;
  const rtt = entry.rttMs ?? defaults.rttMs;
  return {
    source: entry.source,
    target: entry.target.name,
    targetAddress: canonicalAddress(entry.target.address) ?? entry.target.address,
    protocol: entry.protocol ?? defaults.protocol ?? DEFAULT_PROTOCOL,
    flows: entry.flows ?? defaults.flows ?? DEFAULT_FLOWS,
    intervalMs: (entry.intervalS ?? defaults.intervalS ?? DEFAULT_INTERVAL_S) * 1000,
    ...(loss === undefined ? {} : { maxLossPercent: loss }),
    ...(rtt === undefined ? {} : { maxRttMs: rtt }),
    allowed,
  };
}
