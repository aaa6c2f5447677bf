import type { TraceProtocol } from "@vsix/shared/paths/trace.ts";

/** What to trace and how. */
export interface TraceTask {
  /** As the report shall name it. */
  readonly target: string;
  /** Canonical text, global scope. */
  readonly targetAddress: string;
  /** One of this machine's addresses. */
  readonly sourceAddress: string;
  readonly protocol: TraceProtocol;
  /** Of the target; UDP and TCP only. */
  readonly port: number;
  /** 1 to 64. */
  readonly flows: number;
  /** Flows are added up to this number until {@link confidence} is reached; absent: no more than `flows`. */
  readonly maxFlows?: number;
  /** 0 to 1, of having seen every equal-cost path. */
  readonly confidence: number;
  /** A hop and flow, 1 to 100. */
  readonly probes: number;
  /** 1 to 255. */
  readonly maxHops: number;
  /** A trace ends after so many hops in a row that say nothing. */
  readonly silentHops: number;
  /** After that a probe is lost, unless its answer comes before the trace ends. */
  readonly timeoutMs: number;
  /** Between two probes of one flow to one hop. */
  readonly spacingMs: number;
  /** Probes a second towards this target, of all flows together. */
  readonly ratePerS: number;
  /** Largest packet tried for the path MTU, octets; absent: it is not measured. */
  readonly maxMtu?: number;
}

/** As mtr(1) and traceroute(8) have them, but for the pace: 100 packets a second harm no router's control plane. */
export const TRACE_DEFAULTS = {
  udpPort: 33434,
  tcpPort: 443,
  flows: 1,
  probes: 3,
  maxHops: 30,
  silentHops: 5,
  timeoutMs: 1000,
  spacingMs: 100,
  ratePerS: 100,
  confidence: 0.95,
  maxMtu: 9216,
} as const;

export const MAX_FLOWS = 64;

/** A task with everything that is not said as usual. */
export function traceTask(
  wanted: Pick<TraceTask, "target" | "targetAddress" | "sourceAddress" | "protocol"> & Partial<TraceTask>,
): TraceTask {
  const { udpPort, tcpPort, maxMtu, ...usual } = TRACE_DEFAULTS;
  return { ...usual, port: wanted.protocol === "tcp" ? tcpPort : udpPort, ...wanted };
}
