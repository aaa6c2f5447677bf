import { setTimeout as sleep } from "node:timers/promises";
import { runCtl } from "../lab/ctl.ts";
import type { Lab } from "../lab/lab.ts";
import { later, type WatchedNode } from "./watched-node.ts";

/** One move: milliseconds from the start of the command, and how many routes of the Edge moved. */
export interface MoveTimes {
  /** First and last route of the Edge that went to the other plane. */
  readonly edgeFirst: number;
  readonly edgeLast: number;
  /** The External Edge's last, for the way in. */
  readonly externalLast: number;
  /** The last of both kernels. */
  readonly last: number;
  /** The last packet that still left the Edge, and the External Edge, by the old plane. */
  readonly edgePacket: number;
  readonly externalPacket: number;
  readonly command: number;
  /** Whether the command itself observed the move. */
  readonly observed: boolean;
  readonly routes: number;
  /** Of these: moved by replacing a nexthop object. */
  readonly byObject: number;
}

/** Ports of a node towards the wanted plane and towards the other one. */
export interface Ports {
  readonly to: string;
  readonly from: string;
}

export interface MoveOptions {
  readonly lab: Lab;
  readonly edge: string;
  readonly plane: string;
  readonly watched: { readonly edge: WatchedNode; readonly externalEdge: WatchedNode };
  readonly ports: { readonly edge: Ports; readonly externalEdge: Ports };
  /** Beginnings of the routes that must all move. */
  readonly moving: readonly string[];
  readonly signal: AbortSignal;
}

/** No notification for so long means that the move is over: BGP has followed, and what led routes there has ended. */
const QUIET_NS = 1_500_000_000n;
/** Exit status of vsixctl when everything is published but not everything was observed in its time. */
const NOT_SEEN = 4;
const TIMEOUT_NS = 60_000_000_000n;

/**
 * Steers and waits until every route is on the other plane, both kernels have been quiet, and packets leave by the other
 * plane only. @throws Error when not.
 */
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
    if (nowNs - lastNs > QUIET_NS) {
      const { all, there } = await watched.edge.routes(moving, ports.edge.to);
      const times = all === there ? timesOf() : undefined;
      if (times !== undefined) return times;
    }
    if (nowNs - startNs > TIMEOUT_NS) throw new Error(`${edge} was not on ${plane} after 60 s`);
  }

  function timesOf(): MoveTimes | undefined {
    const out = watched.edge.movedTo(ports.edge.to);
    const back = watched.externalEdge.movedTo(ports.externalEdge.to);
    const edgePacket = lastOnOld(watched.edge, ports.edge);
    const externalPacket = lastOnOld(watched.externalEdge, ports.externalEdge);
    if (out === undefined || back === undefined || edgePacket === undefined || externalPacket === undefined)
      return undefined;
    const [edgeLast, externalLast] = [since(out.lastNs), since(back.lastNs)];
    return {
      edgeFirst: since(out.firstNs),
      edgeLast,
      externalLast,
      last: Math.max(edgeLast, externalLast),
      edgePacket,
      externalPacket,
      command,
      observed: code === 0,
      routes: out.count,
      byObject: out.byObject,
    };
  }

  /** Undefined while no packet has come by the new plane after the last one by the old. */
  function lastOnOld(node: WatchedNode, { to, from }: Ports): number | undefined {
    const [now, then] = [node.packetsBy(to), node.packetsBy(from)];
    if (now === undefined || (then !== undefined && then.lastNs > now.lastNs)) return undefined;
    return since(then?.lastNs ?? now.firstNs);
  }
}
