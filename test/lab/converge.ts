import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "../../controller/src/status/model.ts";
import { runCtl } from "./ctl.ts";
import type { Lab } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import type { Progress } from "./progress.ts";

export interface ConvergeOptions {
  readonly timeoutMs?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

interface Readiness {
  readonly ready: boolean;
  readonly total: number;
  readonly converged: number;
  /** What is missing, node by node and Edge by Edge, in the controller's words. */
  readonly waiting: readonly string[];
}

const POLL_MS = 250;

/**
 * Waits until `vsixctl status` says that every node has converged. Milliseconds it took. Throws LabError
 * `lab/not-converged` that names the nodes that have not, and why.
 */
export async function waitConverged(lab: Lab, options: ConvergeOptions = {}): Promise<number> {
  const started = performance.now();
  const timeoutMs = options.timeoutMs ?? 120_000;
  let last = "nothing heard from the controller";
  for (;;) {
    options.signal?.throwIfAborted();
    const asked = await runCtl(lab, ["status", "--json"], { timeoutMs: 20_000 });
    const readiness = asked.code === 0 || asked.stdout.startsWith("{") ? readStatus(asked.stdout) : undefined;
    if (readiness?.ready === true) return Math.round(performance.now() - started);
    last =
      readiness === undefined
        ? asked.stderr.trim().slice(-300)
        : `${readiness.converged} of ${readiness.total} nodes converged${latest(readiness.waiting)}`;
    options.progress?.update(last);
    if (performance.now() - started > timeoutMs) {
      const waiting = readiness?.waiting.join("\n  ") ?? last;
      throw new LabError("lab/not-converged", `not converged in ${timeoutMs / 1000} s:\n  ${waiting}`);
    }
    await sleep(POLL_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** The first thing missing, in short. */
function latest([first]: readonly string[]): string {
  return first === undefined ? "" : `; ${first.slice(0, 90)}`;
}

function readStatus(text: string): Readiness | undefined {
  let status: Partial<Status>;
  try {
    status = JSON.parse(text) as Partial<Status>;
  } catch {
    return undefined;
  }
  const { nodes = [], why = [], ready = false } = status;
  const converged = nodes.filter((node) => node.converged).length;
  return { ready, total: nodes.length, converged, waiting: why };
}
