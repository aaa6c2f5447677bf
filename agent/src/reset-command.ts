import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ConfigError, readAgentConfig } from "./config.ts";
import { finishReset } from "./finish-reset.ts";
import { askAgent, ControlError } from "./io/control-socket.ts";
import {
  decideReset,
  isAlive,
  isResetPending,
  RESET_MARKER,
  ResetError,
  removeForGood,
} from "./io/reset-marker.ts";

export interface ResetCommand {
  readonly out: (text: string) => void;
  /** Asks somebody at a terminal; undefined: nobody is there. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/** So long a running agent has to end, milliseconds. */
const END_MS = 60_000;

/**
 * `vsix-agent reset`: a home router that nobody has enrolled, ready for another seed. Cut off before it was decided, nothing happened;
 * after that, the next reset or the next start of the agent finishes it.
 * @returns 0 done, or nothing to do; 1 somebody said no.
 * @throws ConfigError for wrong usage, ResetError where a trigger cannot be taken away, and what steps throw.
 */
export async function resetCommand(args: readonly string[], { out, ask }: ResetCommand): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: "string" },
      yes: { type: "boolean", default: false },
      also: { type: "string", multiple: true, default: [] },
      trigger: { type: "string", multiple: true, default: [] },
    },
  });
  if (values.config === undefined) throw new ConfigError("reset wants --config FILE");
  const config = readAgentConfig(values.config);
  const { stateDir, node } = config;
  if (config.lan === undefined)
    throw new ConfigError(
      `${values.config}: only a home router (\`lan\`) is reset: others are taken out of the fabric by their operator`,
    );
  const triggers = values.trigger.filter(existsSync);
  const pending = isResetPending(stateDir);
  if (values.trigger.length > 0 && triggers.length === 0 && !pending) {
    out("nobody asked for a reset\n");
    return 0;
  }
  if (!values.yes && !pending) {
    if (ask === undefined) throw new ConfigError("reset wants --yes where there is nobody to be asked");
    const answer = await ask(
      `This ends all tunnels of ${node} and takes its key, its documents and what it has measured.\nIt needs a new claim afterwards. Type ${node} to go on: `,
    );
    if (answer.trim() !== node) {
      out("nothing has been changed\n");
      return 1;
    }
  }
  if (!pending) decideReset(stateDir, values.also);
  takeTriggers(triggers, pending ? undefined : stateDir);
  await endAgent(join(stateDir, "agent.sock"));
  await finishReset(config);
  out(`${node} has been reset; it needs a new claim\n`);
  return 0;
}

/** A trigger that stays would reset again and again: then rather nothing happens. */
function takeTriggers(triggers: readonly string[], decidedIn: string | undefined): void {
  try {
    removeForGood(triggers);
  } catch (cause) {
    if (decidedIn !== undefined) removeForGood([join(decidedIn, RESET_MARKER)]);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ResetError("reset-trigger", `nothing has been reset: ${reason}`, { cause });
  }
}

/** Its socket goes before its last cycle is over: what counts is the process. */
async function endAgent(socket: string): Promise<void> {
  let pid: number;
  try {
    ({ pid } = (await askAgent(socket, "reset")) as { readonly pid: number });
  } catch (error) {
    if (error instanceof ControlError && error.code === "no-agent") return;
    throw error;
  }
  for (const deadline = performance.now() + END_MS; isAlive(pid); await sleep(50))
    if (performance.now() > deadline)
      throw new ResetError(
        "reset-unfinished",
        "the agent does not end; it will finish the reset when it begins anew",
      );
}
