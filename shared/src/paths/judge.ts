import type { HopDirectory } from "./directory.ts";
import type { ExpectedEntry } from "./expected.ts";
import { judgeFlow } from "./judge-flow.ts";
import { pathMatcher } from "./match.ts";
import { planesOn, type SeenPath, seenPath } from "./seen.ts";
import type { HopAnswer, Trace } from "./trace.ts";
import { type FlowVerdict, type Verdict, type VerdictKind, worstOf } from "./verdict.ts";
import { verdictWords } from "./words.ts";

/**
 * Judges one trace by what is expected between its two ends. Each flow is judged alone: of equal-cost paths every one
 * that is taken must be allowed, and which flow takes which does not matter. Never throws; time is bounded by the size
 * of trace and entry (match.ts).
 */
export function judgeTrace(trace: Trace, entry: ExpectedEntry, directory: HopDirectory): Verdict {
  const matcher = pathMatcher(entry.allowed, directory);
  const expectedPlanes = planesAllowed(entry, directory);
  const paths = trace.flows.map((flow) => ({ flow, path: seenPath(trace, flow) }));
  const flows = paths.map(({ flow, path }) => judgeFlow(flow, path, matcher, expectedPlanes, directory));
  const measured = flows.filter(({ kind }) => kind !== "not-measured");
  const figures = atTarget(paths.map(({ path }) => path));
  const strained = isLossy(entry, figures) || isSlow(entry, figures);
  const kinds: VerdictKind[] = measured.map(({ kind }) => kind);
  if (strained) kinds.push("lossy-or-slow");
  // Some flows could not be sent: the others are judged. None could: nothing is known, which is not "as expected".
  const kind = measured.length === 0 ? "not-measured" : worstOf(kinds);
  const first: FlowVerdict | undefined = flows.find((flow) => flow.kind === kind);
  return {
    kind,
    ...(first === undefined || kind === "as-expected" ? {} : { flow: first.flow }),
    ...(first?.hop === undefined ? {} : { hop: first.hop }),
    words: verdictWords(kind, flows, entry, figures),
    planes: [...new Set(paths.flatMap(({ path }) => planesOn(path.hops, directory)))].sort(),
    expectedPlanes,
    ...figures,
    flows,
  };
}

export interface TargetFigures {
  readonly lossPercent?: number;
  readonly rttUs?: number;
}

function isLossy({ maxLossPercent }: ExpectedEntry, { lossPercent }: TargetFigures): boolean {
  return maxLossPercent !== undefined && lossPercent !== undefined && lossPercent > maxLossPercent;
}

function isSlow({ maxRttMs }: ExpectedEntry, { rttUs }: TargetFigures): boolean {
  return maxRttMs !== undefined && rttUs !== undefined && rttUs > maxRttMs * 1000;
}

function atTarget(paths: readonly SeenPath[]): TargetFigures {
  let [sent, answered] = [0, 0];
  let rttUs: number | undefined;
  for (const { atTarget: hop } of paths) {
    if (hop === undefined) continue;
    const answers = hop.answers.filter(({ kind }) => kind !== "time-exceeded" && kind !== "too-big");
    sent += hop.sent;
    answered += Math.min(hop.sent, answers.length);
    const median = medianRtt(answers);
    if (median !== undefined) rttUs = Math.max(rttUs ?? 0, median);
  }
  return {
    ...(sent === 0 ? {} : { lossPercent: (100 * (sent - answered)) / sent }),
    ...(rttUs === undefined ? {} : { rttUs }),
  };
}

/** The lower median: a value that was measured. */
function medianRtt(answers: readonly HopAnswer[]): number | undefined {
  return answers.map(({ rttUs }) => rttUs).sort((a, b) => a - b)[Math.floor((answers.length - 1) / 2)];
}

/** Planes that the allowed paths speak of, by name or by their routers. */
export function planesAllowed(entry: ExpectedEntry, directory: HopDirectory): readonly string[] {
  const planes = entry.allowed.flat().flatMap(({ atoms }) =>
    atoms.flatMap((atom) => {
      if (atom.kind === "plane") return [atom.plane];
      if (atom.kind === "node") return directory.planeOf(atom.node) ?? [];
      return atom.kind === "address" ? (directory.lookup(atom.address)?.plane ?? []) : [];
    }),
  );
  return [...new Set(planes)].sort();
}
