import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutView } from "../status/rollout-model.ts";
import { type ApiClient, CliError, EXIT } from "./client.ts";
import { print } from "./output.ts";
import { hasEnded, lineOf, showRollout } from "./show-rollout.ts";

const POLL_MS = 500;
/** How long a controller that went away is waited for: a rollout goes on when it is back. */
const AWAY_MS = 120_000;

/**
 * Follows a rollout to its end. On a terminal a picture that is drawn anew; else, and with --json, one line whenever
 * something changes. Sets the exit status: 0 done, 5 aborted, 4 not everybody was seen back.
 */
export async function followRollout(api: ApiClient, id: number, json: boolean): Promise<void> {
  const live = !json && process.stdout.isTTY;
  let said = "";
  let drawn = 0;
  for (;;) {
    const rollout = await patiently(api, id, live || json);
    const line = lineOf(rollout);
    if (live) drawn = draw(showRollout(rollout), drawn);
    else if (line !== said)
      print(json ? JSON.stringify(rollout) : `${new Date().toISOString().slice(11, 19)}  ${line}`);
    said = line;
    if (hasEnded(rollout)) {
      if (rollout.stage === "aborted") process.exitCode = EXIT.takenBack;
      if (rollout.stage === "failed-to-go-back") process.exitCode = EXIT.notObserved;
      return;
    }
    await sleep(POLL_MS);
  }
}

/** The controller may be started anew in between; nothing is lost by that. */
async function patiently(api: ApiClient, id: number, quiet: boolean): Promise<RolloutView> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      return await api.get<RolloutView>(`/v1/rollouts/${id}`);
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable || waitedMs >= AWAY_MS)
        throw error;
      if (waitedMs === 0 && !quiet) print("the controller is out of reach; waiting for it");
      await sleep(POLL_MS);
    }
  }
}

/** Draws over what was drawn before; the number of lines now on the screen. */
function draw(text: string, before: number): number {
  const width = process.stdout.columns ?? 80;
  const esc = String.fromCharCode(27);
  // Cursor up, then each line is cleared as it is written (ECMA-48 sections 8.3.22 and 8.3.39, 8.3.41).
  const up = before > 0 ? `${esc}[${before}A` : "";
  process.stdout.write(`${up}${esc}[J${text}\n`);
  const escapes = new RegExp(`${esc}\\[[0-9;]*m`, "g");
  return text
    .split("\n")
    .reduce((rows, line) => rows + Math.max(1, Math.ceil(line.replaceAll(escapes, "").length / width)), 0);
}
