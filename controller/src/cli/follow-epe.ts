import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { EpeProgress } from "../epe/progress.ts";
import type { EpeStatus } from "../epe/view.ts";
import type { ApiClient } from "./client.ts";

const POLL_MS = 1000;
const BAR = 12;

/**
 * Waits until enough has been measured for a decision, of everything or of one destination. On a terminal one line that is drawn anew, on
 * the error stream so that the answer can go elsewhere; nothing else, and nothing with --json.
 */
export async function followProgress(api: ApiClient, json: boolean, destination?: string): Promise<void> {
  const { stderr } = process;
  const live = !json && stderr.isTTY;
  const query = destination === undefined ? "" : `?${new URLSearchParams({ destination })}`;
  // Back to the first column, and the rest of the line is cleared (ECMA-48 section 8.3.41).
  const draw = (line: string): void => {
    if (live) stderr.write(`\r${line.slice(0, (stderr.columns ?? 80) - 1)}\u001b[K`);
  };
  for (let waited = false; ; waited = true) {
    const progress = await api.get<EpeProgress>(`/v1/epe/progress${query}`);
    draw(progressLine(progress));
    if (progress.complete && waited) await decided(api, progress.cycleS * 1000);
    if (progress.complete) break;
    await sleep(POLL_MS);
  }
  draw("");
}

/** What was measured last has its part in a decision within a cycle. */
async function decided(api: ApiClient, cycleMs: number): Promise<void> {
  const startMs = performance.now();
  for (let sinceMs = 0; sinceMs < cycleMs + 5 * POLL_MS; sinceMs = performance.now() - startMs) {
    const { decidedAgoMs } = await api.get<EpeStatus>("/v1/epe");
    if (decidedAgoMs !== null && decidedAgoMs < sinceMs) return;
    await sleep(POLL_MS / 4);
  }
}

/** `measuring [###---------] 620 of 2,480 cells, cycle 5 of 20, about 8 min left`: within 80 columns. */
export function progressLine({ planned, done, cycles, leftMs, nodes, routesOf }: EpeProgress): string {
  const share = planned === 0 ? 0 : Math.min(1, done / planned);
  const filled = Math.floor(share * BAR);
  const bar = `${"#".repeat(filled)}${"-".repeat(BAR - filled)}`;
  const slowest = Math.min(cycles, ...nodes.map((node) => node.cycles));
  const silent = nodes.filter((node) => node.cycles === 0).map(({ node }) => node);
  const waits =
    leftMs === null
      ? `waiting for ${few(silent)}`
      : leftMs > 0 || routesOf.length === 0
        ? `${left(leftMs)} left`
        : `waiting for routes of ${few(routesOf)}`;
  const cells = `${done.toLocaleString("en")} of ${planned.toLocaleString("en")} cells`;
  return `measuring [${bar}] ${cells}, cycle ${slowest} of ${cycles}, ${waits}`;
}

function few(names: readonly string[]): string {
  const more = names.length - 2;
  return `${names.slice(0, 2).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function left(ms: number): string {
  const s = Math.ceil(ms / 1000);
  if (s < 90) return `about ${s} s`;
  const min = Math.round(s / 60);
  return min < 90 ? `about ${min} min` : `about ${Math.round(min / 60)} h`;
}
