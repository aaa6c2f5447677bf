import { setTimeout as sleep } from "node:timers/promises";
import { runCtl } from "../lab/ctl.ts";
import type { Lab } from "../lab/lab.ts";
import { later, type Moved, type WatchedNode } from "./watched-node.ts";

/** One move: milliseconds from the start of the command, and how many routes of the Edge moved. */
export interface MoveTimes {
  /** First and last route of the Edge that went to the other plane. */
  readonly edgeFirst: number;
  readonly edgeLast: number;
  /** The last of both kernels, the External Edge's for the way in. */
  readonly last: number;
  readonly command: number;
  /** Whether the command itself observed the move. */
  readonly observed: boolean;
  readonly routes: number;
}

export interface MoveOptions {
  readonly lab: Lab;
  readonly edge: string;
  readonly plane: string;
  readonly watched: { readonly edge: WatchedNode; readonly externalEdge: WatchedNode };
  /** Ports towards the plane. */
  readonly ports: { readonly edge: string; readonly externalEdge: string };
  /** Beginnings of the routes that must all move. */
  readonly moving: readonly string[];
  readonly signal: AbortSignal;
}

/** No notification for so long means that the move is over. */
const QUIET_NS = 500_000_000n;
/** Exit status of vsixctl when everything is published but not everything was observed in its time. */
const NOT_SEEN = 4;
const TIMEOUT_NS = 60_000_000_000n;

/** Steers and waits until every route is on the other plane and both kernels have been quiet. @throws Error when not. */
export async function timeOneMove(options: MoveOptions): Promise<MoveTimes> {
  const { lab, edge, plane, watched, ports, moving, signal } = options;
  watched.edge.reset();
  watched.externalEdge.reset();
  const startNs = process.hrtime.bigint();
  const since = (ns: bigint): number => Number(ns - startNs) / 1e6;
  const { code, stderr } = await runCtl(lab, ["edge", "steer", edge, "--plane", plane, "--json"], { signal });
  if (code !== 0 && code !== NOT_SEEN) throw new Error(`steer: exit ${code}: ${stderr.trim().slice(-500)}`);
  const command = since(process.hrtime.bigint());
  for (;;) {
    await sleep(50, undefined, { signal });
    const nowNs = process.hrtime.bigint();
    const lastNs = later(watched.edge.lastNs ?? startNs, watched.externalEdge.lastNs ?? startNs);
    const quiet = nowNs - lastNs > QUIET_NS;
    if (quiet) {
      const { all, there } = await watched.edge.routes(moving, ports.edge);
      const out = await watched.edge.movedTo(ports.edge);
      const back = await watched.externalEdge.movedTo(ports.externalEdge);
      if (all === there && out !== undefined && back !== undefined) return times(out, back);
    }
    if (nowNs - startNs > TIMEOUT_NS) throw new Error(`${edge} was not on ${plane} after 60 s`);
  }

  function times(out: Moved, back: Moved): MoveTimes {
    const edgeLast = since(out.lastNs);
    const last = Math.max(edgeLast, since(back.lastNs));
    const observed = code === 0;
    return { edgeFirst: since(out.firstNs), edgeLast, last, command, observed, routes: out.count };
  }
}
