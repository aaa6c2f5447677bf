import { hostname, userInfo } from "node:os";
import { parseArgs } from "node:util";
import { canonicalAddress } from "@vsix/shared/net/address.ts";
import type { TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { ConfigError } from "../config.ts";
import { MAX_FLOWS } from "../core/trace/task.ts";
import { sourceNamed } from "../core/watch/own-paths.ts";
import { canonicalIp6 } from "../wire/netlink/ip-text.ts";

export interface TargetHere {
  readonly name: string;
  readonly address: string;
}

/** What `vsix-agent watch` was asked for. */
export interface WatchArguments {
  readonly mode: "run" | "once" | "test" | "learn" | "order";
  readonly expected: string | undefined;
  readonly notify: string | undefined;
  readonly state: string | undefined;
  readonly intervalMs: number | undefined;
  readonly source: string;
  readonly from: string | undefined;
  readonly json: boolean;
  readonly targets: readonly TargetHere[];
  readonly flows: number | undefined;
  readonly protocol: TraceProtocol | undefined;
  /** `list`, `ack far` and so on. */
  readonly order: readonly string[];
  readonly forMs: number | undefined;
  readonly note: string;
  /** Who asks. */
  readonly by: string;
}

/** Reads the words behind "watch". Throws {@link ConfigError} and what parseArgs throws. */
export function readWatchArguments(args: readonly string[]): WatchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      expected: { type: "string" },
      notify: { type: "string" },
      state: { type: "string" },
      interval: { type: "string" },
      source: { type: "string" },
      from: { type: "string" },
      json: { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      test: { type: "boolean", default: false },
      learn: { type: "boolean", default: false },
      target: { type: "string", multiple: true, default: [] },
      flows: { type: "string" },
      protocol: { type: "string" },
      for: { type: "string" },
      note: { type: "string", default: "" },
    },
  });
  const { expected, notify, state, json, note } = values;
  const modes = (["once", "test", "learn"] as const).filter((mode) => values[mode]);
  if (positionals.length > 0 && modes.length > 0)
    throw new ConfigError(`--${modes[0]} takes no ${positionals[0]}`);
  if (modes.length > 1)
    throw new ConfigError(`one of ${modes.map((mode) => `--${mode}`).join(" and ")} at a time`);
  const mode = positionals.length > 0 ? "order" : (modes[0] ?? "run");
  const from = values.from === undefined ? undefined : canonicalIp6(values.from);
  if (values.from !== undefined && from === undefined)
    throw new ConfigError(`--from: ${values.from} is no IPv6 address`);
  const intervalS = wholeOf("--interval", values.interval, 1, 3600);
  return {
    mode,
    expected,
    notify,
    state,
    intervalMs: intervalS === undefined ? undefined : intervalS * 1000,
    source: mode === "order" ? "" : sourceOf(values.source),
    from,
    json,
    targets: values.target.map(targetOf),
    flows: wholeOf("--flows", values.flows, 1, MAX_FLOWS),
    protocol: protocolOf(values.protocol),
    order: positionals,
    forMs: durationOf(values.for),
    note: note.slice(0, 1024),
    by: whoAsks(),
  };
}

/** In a container a user need not have a name. */
function whoAsks(): string {
  try {
    return userInfo().username.slice(0, 256);
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

function sourceOf(given: string | undefined): string {
  const name =
    given === undefined ? sourceNamed(hostname()) : sourceNamed(given) === given ? given : undefined;
  if (name !== undefined) return name;
  throw new ConfigError(
    given === undefined
      ? `this host's name, ${hostname()}, is no name of a node: say by --source which source of the file this machine is`
      : `--source: ${given} is no name of a node; small letters, digits and hyphens, a letter first`,
  );
}

function targetOf(text: string): TargetHere {
  const at = text.indexOf("=");
  const [name, address] = [text.slice(0, Math.max(0, at)), canonicalAddress(text.slice(at + 1))];
  if (sourceNamed(name) === name && address !== undefined) return { name, address };
  throw new ConfigError(`--target: NAME=ADDRESS, as in far=2001:db8::1, not ${text}`);
}

function protocolOf(text: string | undefined): TraceProtocol | undefined {
  if (text === undefined || text === "icmp6" || text === "udp" || text === "tcp") return text;
  throw new ConfigError(`--protocol: icmp6, udp or tcp, not ${text}`);
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits = "", unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (unit === "s" || unit === "m" || unit === "h" || unit === "d") return Number(digits) * UNITS_MS[unit];
  throw new ConfigError(`--for: 90s, 10m, 2h or 1d, not ${text}`);
}

/** @throws ConfigError that names the option and what it takes. */
function wholeOf(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new ConfigError(`${option}: a whole number from ${least} to ${most}, not ${text}`);
}
