import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ConfigError, readAgentConfig } from "./config.ts";
import { stepOf } from "./core/update/plan.ts";
import { lineOf } from "./core/update/words.ts";
import { debianHost, systemctl } from "./update/debian-host.ts";
import { updatePlaces, WATCHER } from "./update/places.ts";
import { runUpdate, settleUpdate } from "./update/run-update.ts";
import { stageUpdate } from "./update/stage.ts";
import { readUpdate } from "./update/state-file.ts";

/** Unless told: all that was reached must be reached within this, and stay so. Seconds. */
const WITHIN_S = 180;
const HOLD_S = 30;
const MAX_S = 3600;
const FOLLOW_MS = 500;
/** Nothing to tell of. */
const NONE = 3;

/**
 * `vsix-agent update FILE.deb`: has systemd install it, watch it and put the one before back where it does not reach what was reached; waits for how
 * that ends, and may be ended before. `status` tells. `settle` and `resume` are the unit's own.
 * @param args behind the word "update". @returns the exit status.
 * @throws ConfigError for wrong usage, UpdateError, ProgramError, what the disk says.
 */
export async function updateCommand(args: readonly string[], out: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: "string" },
      within: { type: "string" },
      hold: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [word] = positionals;
  if (word === undefined || positionals.length !== 1 || values.config === undefined)
    throw new ConfigError("update wants a package's file (or status), and --config FILE");
  const configFile = resolve(values.config);
  const { stateDir } = readAgentConfig(configFile);
  const places = updatePlaces(resolve(stateDir));
  const agentSocket = join(stateDir, "agent.sock");
  const say = (line: string): void => out(`${line}\n`);
  const host = debianHost({ places, agentSocket, say });
  switch (word) {
    case "status": {
      const state = readUpdate(places);
      if (values.json) say(JSON.stringify(state ?? null));
      else say(state === undefined ? "no update has been made" : lineOf(state));
      return state === undefined ? NONE : 0;
    }
    case "settle":
      await settleUpdate(host);
      return 0;
    case "resume":
      await runUpdate(host);
      return 0;
    default: {
      const withinMs = milliseconds("within", values.within, WITHIN_S);
      const holdMs = milliseconds("hold", values.hold, HOLD_S);
      if (holdMs >= withinMs) throw new ConfigError("--hold is to be shorter than --within");
      const deb = resolve(word);
      const home = dirname(process.execPath);
      await stageUpdate({ places, configFile, agentSocket, deb, withinMs, holdMs, home });
      await systemctl("--no-block", "start", WATCHER);
      return follow(() => readUpdate(places), say);
    }
  }
}

/** Says each state once, until it is over. Whoever follows decides nothing. */
async function follow(
  read: () => ReturnType<typeof readUpdate>,
  say: (line: string) => void,
): Promise<number> {
  for (let said = ""; ; await sleep(FOLLOW_MS)) {
    const state = read();
    if (state === undefined) continue;
    const line = lineOf(state);
    if (line !== said) say(line);
    said = line;
    if (stepOf(state) === undefined) return state.phase === "kept" ? 0 : 1;
  }
}

function milliseconds(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise * 1000;
  if (!/^[1-9][0-9]{0,3}$/.test(text) || Number(text) > MAX_S)
    throw new ConfigError(`--${name} wants whole seconds, 1 to ${MAX_S}`);
  return Number(text) * 1000;
}
