import { setTimeout as sleep } from "node:timers/promises";
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
  /** Nodes that are not converged, each with why. */
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
        : `${readiness.total - readiness.waiting.length} of ${readiness.total} nodes converged`;
    options.progress?.update(last);
    if (performance.now() - started > timeoutMs) {
      const waiting = readiness?.waiting.join("\n  ") ?? last;
      throw new LabError("lab/not-converged", `not converged in ${timeoutMs / 1000} s:\n  ${waiting}`);
    }
    await sleep(POLL_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

interface StatusNode {
  readonly node?: string;
  readonly name?: string;
  readonly converged?: boolean;
  readonly state?: string;
  readonly why?: string;
  readonly reason?: string;
}

function readStatus(text: string): Readiness | undefined {
  let status: { readonly ready?: boolean; readonly nodes?: readonly StatusNode[] };
  try {
    status = JSON.parse(text) as typeof status;
  } catch {
    return undefined;
  }
  const nodes = status.nodes ?? [];
  const waiting = nodes
    .filter((node) => node.converged === false)
    .map((node) => `${node.node ?? node.name}: ${node.why ?? node.reason ?? node.state ?? "not converged"}`);
  return { ready: status.ready === true, total: nodes.length, waiting };
}
