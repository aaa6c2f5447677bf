import { didYouMean } from "../fabric/did-you-mean.ts";
import { readPrefix } from "../fabric/draft.ts";
import type { Finding, Path } from "../fabric/fault.ts";
import type { Loose } from "../fabric/loose.ts";
import { canonicalAddress } from "../net/address.ts";
import { formatPrefix } from "../net/prefix.ts";
import {
  type HopDirectory,
  hopDirectory,
  joinDirectories,
  type KnownHop,
  parseAddressOrPrefix,
} from "./directory.ts";
import { type HopAtom, type HopPattern, isFault, type PathPattern, parseHop } from "./pattern.ts";
import { MAX_POSITIONS, positionsOf } from "./positions.ts";
import type { EntryFile, ExpectedFile, HopFile } from "./schema.ts";

/** What the checks found out on the way: good for a file without findings. */
export interface CheckedFile {
  readonly directory: HopDirectory;
  /** Per entry of `paths`, in order. */
  readonly allowed: readonly (readonly PathPattern[])[];
}

type Report = (finding: Finding) => void;

/** What a schema cannot say. Works on a file with holes, so that one mistake does not hide the next. */
export function checkExpected(
  file: Loose<ExpectedFile>,
  known: HopDirectory,
  sources: ReadonlySet<string> | undefined,
  report: Report,
): CheckedFile {
  const directory = readDirectory(file, report);
  const all = joinDirectories(directory, known);
  const allowed = (file.paths ?? []).map((entry, i) => readAllowed(entry, ["paths", i], all, report));
  checkPairs(file, report);
  if (sources !== undefined) checkSources(file, sources, report);
  return { directory, allowed };
}

function readDirectory(file: Loose<ExpectedFile>, report: Report): HopDirectory {
  const hops: KnownHop[] = [];
  const owners = new Map<string, string>();
  for (const [node, hop] of Object.entries(file.hops ?? {})) {
    for (const [i, text] of (hop?.addresses ?? []).entries()) {
      if (text === undefined) continue;
      const path = ["hops", node, "addresses", i];
      const prefix = parseAddressOrPrefix(text);
      if (prefix === undefined) {
        report({
          path,
          message: `${JSON.stringify(text)} is neither an IPv6 address nor a prefix; write it like 2001:db8::1`,
        });
        continue;
      }
      const key = formatPrefix(prefix);
      const owner = owners.get(key);
      if (owner !== undefined)
        report({ path, message: `${text} is already an address of ${owner}; keep one of the two` });
      owners.set(key, node);
      const { plane, as } = hop ?? {};
      hops.push({
        prefix,
        node,
        ...(plane === undefined ? {} : { plane }),
        as: as === undefined ? [] : [as],
      });
    }
  }
  for (const [i, line] of (file.prefixes ?? []).entries()) {
    const read = readPrefix(report, ["prefixes", i, "prefix"], line?.prefix);
    if (read !== undefined && line?.as !== undefined) hops.push({ prefix: read.prefix, as: [line.as] });
  }
  return hopDirectory(hops);
}

function readAllowed(
  entry: Loose<EntryFile> | undefined,
  path: Path,
  known: HopDirectory,
  report: Report,
): readonly PathPattern[] {
  const target = entry?.target?.address === undefined ? undefined : canonicalAddress(entry.target.address);
  if (entry?.target?.address !== undefined && target === undefined) {
    report({
      path: [...path, "target", "address"],
      message: `${JSON.stringify(entry.target.address)} is not an IPv6 address; write it like 2001:db8::1`,
    });
  }
  const allowed = (entry?.allowed ?? []).map((hops, i) =>
    (hops ?? []).flatMap((written, j): HopPattern[] => {
      if (written === undefined) return [];
      const at = [...path, "allowed", i, j];
      const hop = parseHop(written as HopFile);
      if (isFault(hop)) {
        report({ path: at, message: hop.fault });
        return [];
      }
      for (const atom of hop.atoms) {
        const message = unknownName(atom, known);
        if (message !== undefined) report({ path: at, message });
        const isTarget =
          (atom.kind === "address" && atom.address === target) ||
          (atom.kind === "node" && atom.node === entry?.target?.name);
        if (isTarget && j === (hops ?? []).length - 1) {
          report({ path: at, message: "this is the target itself, which is not a hop; leave it out" });
        }
      }
      return [hop];
    }),
  );
  const size = positionsOf(allowed).length;
  if (size > MAX_POSITIONS) {
    report({
      path: [...path, "allowed"],
      message: `these paths are together ${size} hops long; at most ${MAX_POSITIONS}: use x1+ or ...`,
    });
  }
  return allowed;
}

function unknownName(atom: HopAtom, known: HopDirectory): string | undefined {
  const { nodes, planes, ases } = known;
  if (atom.kind === "node" && !nodes.has(atom.node)) {
    return `no node ${atom.node} is known${didYouMean(atom.node, nodes)}; give its addresses under \`hops\``;
  }
  if (atom.kind === "plane" && !planes.has(atom.plane)) {
    return `no known hop is in a plane ${atom.plane}${didYouMean(atom.plane, planes)}; give hops their \`plane\` under \`hops\``;
  }
  if (atom.kind === "as" && !ases.has(atom.as)) {
    return `no prefix is known to belong to AS ${atom.as}; give one under \`prefixes\``;
  }
  return undefined;
}

/** One entry per source and target; a target's name means one address. */
function checkPairs(file: Loose<ExpectedFile>, report: Report): void {
  const seen = new Map<string, number>();
  const addresses = new Map<string, string>();
  for (const [i, entry] of (file.paths ?? []).entries()) {
    const name = entry?.target?.name;
    if (name === undefined) continue;
    const address = entry?.target?.address;
    const canonical = address === undefined ? undefined : canonicalAddress(address);
    const before = addresses.get(name);
    if (canonical !== undefined && before !== undefined && before !== canonical) {
      report({
        path: ["paths", i, "target", "address"],
        message: `target ${name} is ${before} in an earlier entry; one name means one address`,
      });
    } else if (canonical !== undefined) addresses.set(name, canonical);
    if (entry?.source === undefined) continue;
    const key = `${entry.source} ${name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else
      report({
        path: ["paths", i, "source"],
        message: `paths[${first}] already says what is right from ${entry.source} to ${name}; join the two`,
      });
  }
}

function checkSources(file: Loose<ExpectedFile>, sources: ReadonlySet<string>, report: Report): void {
  for (const [i, entry] of (file.paths ?? []).entries()) {
    const source = entry?.source;
    if (source === undefined || source === "*" || sources.has(source)) continue;
    report({
      path: ["paths", i, "source"],
      message: `there is no node ${source} to trace from${didYouMean(source, sources)}`,
    });
  }
}
