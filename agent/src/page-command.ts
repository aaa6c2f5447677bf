import { existsSync, readFileSync, statSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Value } from "@sinclair/typebox/value";
import { Health } from "@vsix/shared/contract/up-health.ts";
import { type AgentConfig, ConfigError, readAgentConfig } from "./config.ts";
import { HomeFacts, type HomeHealth, type HomeView } from "./core/home-page/facts.ts";
import { askAgent } from "./io/control-socket.ts";
import { PageServer } from "./io/page-server.ts";
import { takePassedSocket } from "./io/passed-socket.ts";
import { RESET_DONE } from "./io/reset-marker.ts";
import { homeHealthOf } from "./metrics/of-agent.ts";

export interface PageCommand {
  readonly environment: Record<string, string | undefined>;
  readonly signals: (listener: (signal: string) => void) => void;
}

/** An agent that does not answer so soon is told to be silent, milliseconds. */
const ASK_MS = 3000;
/** A look at health is far smaller. */
const MAX_HEALTH_OCTETS = 512 * 1024;
const UNSPECIFIED = new BlockList();
UNSPECIFIED.addAddress("0.0.0.0", "ipv4");
UNSPECIFIED.addAddress("::", "ipv6");

/**
 * `vsix-agent page`: the status page of a home router, until told to stop or, with `--idle`, until nobody has asked for so long.
 * It is a process of its own, so that what hosts of the LAN send never meets the one that may change the kernel.
 * @throws ConfigError for wrong usage, or what the listener says.
 */
export async function pageCommand(
  args: readonly string[],
  { environment, signals }: PageCommand,
): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: "string" },
      name: { type: "string", multiple: true, default: [] },
      claim: { type: "string" },
      health: { type: "string" },
      listen: { type: "string" },
      port: { type: "string" },
      idle: { type: "string" },
    },
  });
  if (values.config === undefined) throw new ConfigError("page wants --config FILE");
  const config = readAgentConfig(values.config);
  const at = whereFrom(values.listen, values.port, takePassedSocket(environment, process.pid));
  const { promise, resolve } = Promise.withResolvers<void>();
  signals(() => resolve());
  const idleS = values.idle === undefined ? undefined : numberIn(values.idle, "--idle", 1, 86_400);
  await using _server = await PageServer.listen({
    at,
    names: values.name.map((name) => name.toLowerCase()),
    look: () => lookAt(config, values.claim, values.health),
    now: Date.now,
    ...(idleS === undefined ? {} : { idle: { afterMs: idleS * 1000, tell: resolve } }),
  });
  await promise;
  return 0;
}

function whereFrom(
  host: string | undefined,
  port: string | undefined,
  passed: number | undefined,
): { readonly fd: number } | { readonly host: string; readonly port: number } {
  if (passed !== undefined) return { fd: passed };
  if (host === undefined || port === undefined)
    throw new ConfigError("page wants a socket from systemd, or --listen ADDRESS --port PORT");
  const family = isIP(host);
  if (family === 0 || UNSPECIFIED.check(host, family === 4 ? "ipv4" : "ipv6"))
    throw new ConfigError(
      `--listen: one address of a LAN is wanted, not ${host}: nobody else should reach it`,
    );
  return { host, port: numberIn(port, "--port", 1, 65_535) };
}

function numberIn(text: string, name: string, least: number, most: number): number {
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new ConfigError(`${name}: ${least} to ${most} is wanted, not ${text}`);
  return value;
}

async function lookAt(
  { stateDir }: AgentConfig,
  claim: string | undefined,
  healthFile: string | undefined,
): Promise<HomeView> {
  const kept = healthFile === undefined ? undefined : readHealth(healthFile);
  const facts = await askAgent(join(stateDir, "agent.sock"), "home", ASK_MS).catch(() => undefined);
  if (!Value.Check(HomeFacts, facts)) return { absent: whyAbsent(stateDir, claim), health: kept };
  const own = facts.health;
  return { facts, health: own !== undefined && own.startedMs >= (kept?.startedMs ?? 0) ? own : kept };
}

function whyAbsent(stateDir: string, claim: string | undefined): "enrolling" | "reset" | "silent" {
  if (claim !== undefined && existsSync(claim)) return "enrolling";
  return existsSync(join(stateDir, RESET_DONE)) ? "reset" : "silent";
}

/** What `vsix-agent health --keep` wrote; undefined where there is none, or something else. */
function readHealth(file: string): HomeHealth | undefined {
  try {
    if (statSync(file).size > MAX_HEALTH_OCTETS) return undefined;
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Value.Check(Health, value) ? homeHealthOf(value) : undefined;
  } catch {
    return undefined;
  }
}
