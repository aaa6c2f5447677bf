import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { formatTrace } from "@vsix/shared/paths/show-trace.ts";
import type { Trace, TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { ConfigError } from "./config.ts";
import { MAX_FLOWS, TRACE_DEFAULTS, traceTask } from "./core/trace/task.ts";
import { TraceError, Tracer } from "./sensors/tracer.ts";
import { canonicalIp6 } from "./wire/netlink/ip-text.ts";

/** Exit status when some flow did not reach the target. */
const NOT_REACHED = 4;
/** A first look by so many flows: as MDA needs to be 95 % sure that one next hop is all there is. */
const FIRST_FLOWS = 6;

/**
 * `vsix-agent trace`: one trace, without an agent or a controller.
 * @param args behind the word "trace".
 * @returns the exit status.
 * @throws ConfigError for wrong usage, TraceError.
 */
export async function traceCommand(args: readonly string[], out: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: "string" },
      protocol: { type: "string", default: "icmp6" },
      port: { type: "string" },
      flows: { type: "string" },
      "all-paths": { type: "boolean", default: false },
      probes: { type: "string" },
      "max-hops": { type: "string" },
      mtu: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const [target] = positionals;
  if (target === undefined || positionals.length !== 1) throw new ConfigError("trace wants one TARGET");
  const from = values.from === undefined ? undefined : canonicalIp6(values.from);
  if (values.from !== undefined && from === undefined)
    throw new ConfigError(`--from: ${values.from} is no IPv6 address`);
  const port = numberOf("--port", values.port, 1, 65535);
  const flows = numberOf("--flows", values.flows, 1, MAX_FLOWS);
  const probes = numberOf("--probes", values.probes, 1, 100);
  const maxHops = numberOf("--max-hops", values["max-hops"], 1, 255);
  const protocol = protocolOf(values.protocol);
  await using tracer = Tracer.open({
    source: hostname(),
    nowUs: () => performance.now() * 1000,
    wallMs: Date.now,
    random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  });
  const targetAddress = await addressOf(target);
  const trace = await tracer.trace(
    traceTask({
      target,
      targetAddress,
      sourceAddress: from ?? (await tracer.sourceFor(targetAddress)),
      protocol,
      ...(port === undefined ? {} : { port }),
      ...(flows === undefined ? {} : { flows }),
      ...(probes === undefined ? {} : { probes }),
      ...(maxHops === undefined ? {} : { maxHops }),
      ...(values["all-paths"] ? { flows: flows ?? FIRST_FLOWS, maxFlows: MAX_FLOWS } : {}),
      ...(values.mtu ? { maxMtu: TRACE_DEFAULTS.maxMtu } : {}),
    }),
  );
  out(values.json ? `${JSON.stringify(trace, null, 2)}\n` : formatTrace(trace));
  return statusOf(trace);
}

function statusOf({ flows }: Trace): number {
  const ends = new Set(flows.map(({ end }) => end.kind));
  return ends.has("failed") ? 1 : ends.size === 1 && ends.has("reached") ? 0 : NOT_REACHED;
}

async function addressOf(target: string): Promise<string> {
  const literal = canonicalIp6(target);
  if (literal !== undefined) return literal;
  try {
    const { address } = await lookup(target, { family: 6 });
    const found = canonicalIp6(address);
    if (found !== undefined) return found;
  } catch (cause) {
    throw new TraceError("trace-task", `${target} has no IPv6 address`, { cause });
  }
  throw new TraceError("trace-task", `${target} is one link away: there is no path to it`);
}

function protocolOf(text: string): TraceProtocol {
  if (text === "icmp6" || text === "udp" || text === "tcp") return text;
  throw new ConfigError(`--protocol: icmp6, udp or tcp, not ${text}`);
}

function numberOf(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new ConfigError(`${option}: a whole number from ${least} to ${most}, not ${text}`);
}
