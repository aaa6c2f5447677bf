import { canonicalAddress } from "../net/address.ts";
import type { HopDirectory } from "./directory.ts";
import type { ExpectedEntry } from "./expected.ts";
import type { Deviation } from "./match.ts";
import type { TraceEnd } from "./trace.ts";
import type { FlowVerdict, VerdictKind } from "./verdict.ts";

/** Sentences about traces. What strangers sent gets in only as an address, a number, or shortened and stripped. */

/** RFC 4443 section 3.1. */
const UNREACHABLE: readonly string[] = [
  "no route to the destination",
  "administratively prohibited",
  "beyond the scope of the source address",
  "the address does not answer",
  "the port is closed",
  "the source address failed a policy",
  "a route rejects the destination",
];

/** `green-kote (2001:db8::5)`, or the address alone. */
export function routerText(address: string, directory: HopDirectory): string {
  const node = directory.lookup(address)?.node;
  return node === undefined ? address : `${node} (${address})`;
}

export function deviationWords(deviation: Deviation, directory: HopDirectory): string {
  const { hop, address, expected, orTarget } = deviation;
  const shown = expected.slice(0, 5);
  if (orTarget) shown.push("the target");
  const meant = `${shown.length === 0 ? "the target" : shown.join(" or ")} was expected`;
  if (address !== undefined) return `at hop ${hop} ${routerText(address, directory)} answers where ${meant}`;
  return expected.length === 0
    ? `at hop ${hop} the path goes on where ${meant}`
    : `at hop ${hop} the target answers where ${meant}`;
}

export function endWords(end: TraceEnd, directory: HopDirectory): string {
  switch (end.kind) {
    case "reached":
      return `reached at hop ${end.hop}`;
    case "unreachable":
      return `at hop ${end.hop} ${routerText(canonicalAddress(end.address) ?? "a router", directory)} says: ${UNREACHABLE[end.code] ?? `unreachable, code ${end.code}`}`;
    case "silent":
      return `nothing answers from hop ${end.fromHop} on`;
    case "too-long":
      return `not reached in ${end.maxHops} hops: a loop, or the path is longer`;
    case "failed":
      return `not measured: ${stripped(end.reason, 200)}`;
  }
}

export function hopsWords(hops: readonly number[], what: string): string {
  return hops.length === 1 ? `hop ${hops[0]} ${what}` : `hops ${hops.join(", ")}: each ${what}`;
}

const SUMMARY: Readonly<Record<VerdictKind, string>> = {
  "destination-unreachable": "not reached",
  "plane-changed": "in another plane than expected",
  "path-changed": "on a path that is not allowed",
  "not-measured": "not measured",
  "lossy-or-slow": "lossy or slow",
  "hop-rate-limiting": "path as expected; a router limits its answers",
  "hop-silent": "path as expected; a router says nothing",
  "as-expected": "as expected",
};

/** One or two sentences on a whole trace. */
export function verdictWords(
  kind: VerdictKind,
  flows: readonly FlowVerdict[],
  entry: ExpectedEntry,
  figures: { readonly lossPercent?: number; readonly rttUs?: number },
): string {
  const concerned = flows.filter((flow) => flow.kind === kind);
  const [first] = concerned;
  const count = `${concerned.length} of ${flows.length} flows`;
  const summary = SUMMARY[kind];
  if (kind === "lossy-or-slow") {
    const parts: string[] = [];
    const { lossPercent, rttUs } = figures;
    if (lossPercent !== undefined && entry.maxLossPercent !== undefined)
      parts.push(`${round(lossPercent)} % lost (at most ${entry.maxLossPercent} %)`);
    if (rttUs !== undefined && entry.maxRttMs !== undefined)
      parts.push(`${round(rttUs / 1000)} ms to the target and back (at most ${entry.maxRttMs} ms)`);
    return parts.join(", ");
  }
  if (flows.length === 0) return "not measured: the trace has no flow";
  if (kind === "as-expected" || first === undefined) return summary;
  return `${count} ${summary}: flow ${first.flow}: ${first.words}`;
}

/** A text of strangers on one line: no control characters, none that turn the direction of writing, not too long. */
export function stripped(text: string, longest: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ");
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
