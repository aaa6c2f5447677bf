import type { HopAnswer, Trace, TraceEnd, TraceFlow, TraceHop } from "./trace.ts";

/** Traces for tests, from who answered at each hop. */

export const TARGET = "2001:db8:f::1";

/** A hop: one address, several, or undefined for silence. */
export type BuiltHop = string | readonly string[] | undefined;

export interface BuildOptions {
  readonly end?: TraceEnd;
  /** Probes per hop. Default 3. */
  readonly sent?: number;
  /** Answers of the target. Default: all. */
  readonly arrived?: number;
  readonly rttUs?: number;
  readonly rateLimited?: readonly number[];
}

/** A flow that goes by these hops and, unless `end` says otherwise, on to the target. */
export function buildFlow(flow: number, hops: readonly BuiltHop[], options: BuildOptions = {}): TraceFlow {
  const { sent = 3, rttUs = 1000, end = { kind: "reached", hop: hops.length + 1 } } = options;
  const answer = (address: string, kind: HopAnswer["kind"]): HopAnswer => ({ address, rttUs, kind });
  const built = hops.map((hop, i): TraceHop => {
    const addresses = hop === undefined ? [] : typeof hop === "string" ? [hop] : hop;
    const answers = addresses.map((address) => answer(address, "time-exceeded"));
    return { hop: i + 1, sent, answers, rateLimited: options.rateLimited?.includes(i + 1) ?? false };
  });
  if (end.kind === "reached") {
    const answers = Array.from({ length: options.arrived ?? sent }, () => answer(TARGET, "echo-reply"));
    built.push({ hop: end.hop, sent, answers, rateLimited: false });
  }
  return { flow, flowLabel: 1000 + flow, hops: built, end };
}

export function buildTrace(flows: readonly TraceFlow[], more: Partial<Trace> = {}): Trace {
  return {
    version: 1,
    source: "edge-1",
    sourceAddress: "2001:db8:1::1",
    target: "far",
    targetAddress: TARGET,
    protocol: "icmp6",
    startedAt: 1_000_000,
    endedAt: 1_002_000,
    flows,
    ...more,
  };
}
