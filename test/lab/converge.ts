import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "../../controller/src/status/model.ts";
import { askApi } from "./api.ts";
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
const ANSWER_MS = 20_000;

/**
 * Waits until the controller's status (`vsixctl status`) says that every node has converged. Milliseconds it took. Throws LabError
 * `lab/not-converged` that names the nodes that have not, and why.
 */
export async function waitConverged(lab: Lab, options: ConvergeOptions = {}): Promise<number> {
  const started = performance.now();
  const timeoutMs = options.timeoutMs ?? 240_000;
  for (;;) {
    options.signal?.throwIfAborted();
    const answer = await askApi<Status>(lab.name, "/v1/status", ANSWER_MS).then(readiness, reasonOf);
    if (typeof answer !== "string" && answer.ready) return Math.round(performance.now() - started);
    options.progress?.update(
      typeof answer === "string"
        ? answer
        : `${answer.converged} of ${answer.total} nodes converged${latest(answer.waiting)}`,
    );
    if (performance.now() - started > timeoutMs) {
      const why = typeof answer === "string" ? answer : answer.waiting.join("\n  ");
      throw new LabError("lab/not-converged", `not converged in ${timeoutMs / 1000} s:\n  ${why}`);
    }
    await sleep(POLL_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** The first thing missing, in short. */
function latest([first]: readonly string[]): string {
  return first === undefined ? "" : `; ${first.slice(0, 90)}`;
}

function readiness({ nodes, why, ready }: Status): Readiness {
  const converged = nodes.filter((node) => node.converged).length;
  return { ready, total: nodes.length, converged, waiting: why };
}

/** What was wrong with a question, in the words to show. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
