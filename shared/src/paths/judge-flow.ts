import type { HopDirectory } from "./directory.ts";
import type { Deviation, PathMatcher } from "./match.ts";
import { planesOn, type SeenPath } from "./seen.ts";
import type { TraceFlow } from "./trace.ts";
import type { FlowVerdict } from "./verdict.ts";
import { deviationWords, endWords, hopsWords } from "./words.ts";

/** Judges one flow; loss and delay are judged over all flows together, elsewhere. */
export function judgeFlow(
  { flow, end }: TraceFlow,
  path: SeenPath,
  matcher: PathMatcher,
  expectedPlanes: readonly string[],
  directory: HopDirectory,
): FlowVerdict {
  const planes = planesOn(path.hops, directory);
  const base = { flow, planes, expected: [] };
  if (end.kind === "failed") return { ...base, kind: "not-measured", words: endWords(end, directory) };
  const { deviation, silent } = matcher(path.hops, path.complete);
  const where = deviation === undefined ? undefined : place(deviation, directory);
  if (!path.complete) {
    const also = deviation === undefined ? "" : `; before that, ${deviationWords(deviation, directory)}`;
    const words = `${endWords(end, directory)}${also}`;
    const hop = end.kind === "too-long" ? end.maxHops : end.kind === "silent" ? end.fromHop : lastHop(path);
    return { ...base, hop, ...where, kind: "destination-unreachable", words };
  }
  if (deviation !== undefined && where !== undefined) {
    const left = expectedPlanes.length > 0 && planes.some((plane) => !expectedPlanes.includes(plane));
    const words = deviationWords(deviation, directory);
    return { ...base, ...where, kind: left ? "plane-changed" : "path-changed", words };
  }
  const [limited] = path.rateLimited;
  if (limited !== undefined) {
    return {
      ...base,
      hop: limited,
      kind: "hop-rate-limiting",
      words: hopsWords(path.rateLimited, "limits its answers"),
    };
  }
  const [quiet] = silent;
  if (quiet !== undefined) {
    return { ...base, hop: quiet, kind: "hop-silent", words: hopsWords(silent, "says nothing") };
  }
  return { ...base, kind: "as-expected", words: "as expected" };
}

function lastHop(path: SeenPath): number {
  return Math.max(1, path.hops.length);
}

function place(
  deviation: Deviation,
  directory: HopDirectory,
): Pick<FlowVerdict, "hop" | "address" | "node" | "expected"> {
  const { hop, address, expected } = deviation;
  const node = address === undefined ? undefined : directory.lookup(address)?.node;
  return {
    hop,
    ...(address === undefined ? {} : { address }),
    ...(node === undefined ? {} : { node }),
    expected: deviation.orTarget ? [...expected, "the target"] : expected,
  };
}
