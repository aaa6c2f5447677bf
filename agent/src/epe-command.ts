import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError, makeStateDirectory, readAgentConfig } from "./config.ts";
import { askAgent, ControlError } from "./io/control-socket.ts";
import { offFlag, readOff, writeOff } from "./loop/epe-gate.ts";
import { standingFault } from "./loop/override-standing.ts";
import type { OverrideStatus } from "./loop/overrides.ts";
import { type Removed, removeOverrides } from "./remove-overrides.ts";

/** Exit status of `status`: something does not stand that should, or is switched off or too old. */
const NOT_ALL = 10;
/** The red button does not wait for an agent that hangs. */
const PATIENCE_MS = 5_000;

/**
 * `vsix-agent epe off|on|status`.
 * @param args behind the word "epe".
 * @returns the exit status.
 * @throws ConfigError for wrong usage, ControlError, NetlinkError, what the disk says.
 */
export async function epeCommand(args: readonly string[], out: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { config: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const [word] = positionals;
  if (positionals.length !== 1 || (word !== "off" && word !== "on" && word !== "status"))
    throw new ConfigError("epe wants one word: off, on or status");
  if (values.config === undefined) throw new ConfigError("epe wants --config FILE");
  const config = readAgentConfig(values.config);
  const socket = join(config.stateDir, "agent.sock");
  const flag = offFlag(config.stateDir);
  const say = (status: OverrideStatus): void =>
    out(values.json ? `${JSON.stringify(status)}\n` : formatStatus(status));
  if (word === "status") {
    const status = (await askAgent(socket, "epe status")) as OverrideStatus;
    say(status);
    return status.state === "on" && standingFault(status.kernel) === undefined ? 0 : NOT_ALL;
  }
  // The file first: whatever becomes of the question, an agent that starts now obeys it.
  makeStateDirectory(config);
  if (word === "on") rmSync(flag, { force: true });
  else if (readOff(flag) === undefined) writeOff(flag, Date.now());
  try {
    say((await askAgent(socket, `epe ${word}`, PATIENCE_MS)) as OverrideStatus);
    return 0;
  } catch (error) {
    if (!(error instanceof ControlError) || error.code !== "no-agent") throw error;
    if (word === "on") {
      out(values.json ? `${JSON.stringify({ state: "on", agent: false })}\n` : "on, once an agent runs\n");
      return 0;
    }
    const removed = await removeOverrides();
    out(
      values.json
        ? `${JSON.stringify({ state: "off", agent: false, removed })}\n`
        : `off; no agent answers, removed by hand: ${countsOf(removed)}\n`,
    );
    return 0;
  }
}

function countsOf({ rules, routes, encapsulations }: Removed): string {
  return `${rules} rules, ${routes} routes, ${encapsulations} encapsulations`;
}

function formatStatus({ state, reason, keepS, heardAgoS, classes, kernel, waiting }: OverrideStatus): string {
  const lines = [`overrides: ${state}${reason === null ? "" : ` (${reason})`}`];
  if (keepS > 0)
    lines.push(
      `kept for ${keepS} s without the controller, last heard ${heardAgoS === null ? "at an unknown time" : `${heardAgoS} s ago`}`,
    );
  for (const { name, overrides } of classes) lines.push(`class ${name}: ${overrides} overrides`);
  lines.push(`in the kernel: ${countsOf(kernel.desired)}`);
  const fault = standingFault(kernel);
  if (fault !== undefined) lines.push(`ALARM: ${fault}`);
  for (const [object, why] of Object.entries(waiting)) lines.push(`waits: ${object}: ${why}`);
  return `${lines.join("\n")}\n`;
}
