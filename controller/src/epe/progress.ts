import { egressPeersOf } from "@vsix/shared/fabric/egress-peers.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsPrefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { witnesses } from "../core/epe/compare.ts";
import { type CycleView, sentIn } from "../core/epe/evidence/view.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";

/** How far measuring has come on its way to the first decision that has enough of it. */
export interface EpeProgress {
  /** Cycles that a decision wants of each destination by each peer. */
  readonly cycles: number;
  readonly cycleS: number;
  /** A cell is one destination by one peer from one node in one cycle. */
  readonly planned: number;
  readonly done: number;
  /** Until every node has told so many cycles; null while some node has told none. */
  readonly leftMs: number | null;
  /** By node: cycles told, of `cycles`. */
  readonly nodes: readonly { readonly node: string; readonly cycles: number }[];
  /** External Edges that are online and have not told which of their peers announce what. */
  readonly routesOf: readonly string[];
  /** Nothing is waited for any more. */
  readonly complete: boolean;
}

/** @param of address or prefix; undefined: everything. Throws ControllerError `epe-off`, `unknown-destination`. */
export function epeProgress({ desired, epe: runner, clock, fleet }: Context, of?: string): EpeProgress {
  const { fabric, epe } = desired.inForce ?? {};
  if (fabric?.epe === undefined || epe === undefined)
    throw new ControllerError("epe-off", "egress peer engineering is off: `vsixctl epe observe` measures");
  const nowMs = clock.monotonicMs();
  const view = runner.evidence?.view(new Set(), nowMs);
  const addresses = epe.destinations
    .filter(({ prefix }) => of === undefined || covers(prefix, of))
    .map(({ address }) => address);
  if (addresses.length === 0 && of !== undefined)
    throw new ControllerError(
      "unknown-destination",
      `${of} is not measured; \`vsixctl epe destinations\` lists what is`,
    );
  const { from, cycleS } = fabric.epe.measure;
  const edges = new Set(egressPeersOf(fabric).map(({ via }) => via.name));
  const told = (via: string): boolean =>
    addresses.every((address) => view?.routes(via, address) !== undefined);
  return progressOf({
    routesOf: [...edges].filter((via) => fleet.isOnline(via, nowMs) && !told(via)),
    cycles: witnesses(fabric.epe.decide),
    cycleMs: cycleS * 1000,
    peers: fabric.epe.peers.length,
    addresses,
    views: from.map((node) => [node, view?.cycles(node)]),
    nowMs,
  });
}

function covers(prefix: string, of: string): boolean {
  const address = parseAddress(of);
  const wanted = parsePrefix(of) ?? (address === undefined ? undefined : { address, length: 128 });
  const parsed = parsePrefix(prefix);
  return wanted !== undefined && parsed !== undefined && containsPrefix(parsed, wanted);
}

/** Pure. */
export function progressOf(asked: {
  readonly cycles: number;
  readonly cycleMs: number;
  readonly peers: number;
  readonly routesOf: readonly string[];
  readonly addresses: readonly string[];
  readonly views: readonly (readonly [
    string,
    Pick<CycleView, "cycles" | "slots" | "peers" | "rowOf" | "told"> | undefined,
  ])[];
  readonly nowMs: number;
}): EpeProgress {
  const { cycles, cycleMs, peers, routesOf, addresses, views, nowMs } = asked;
  let done = 0;
  let leftMs: number | null = 0;
  const nodes = views.map(([node, view]) => {
    const told = view?.cycles ?? [];
    const newest = told.slice(0, cycles);
    if (view !== undefined)
      done += cellsOf(
        view,
        addresses,
        newest.map(({ slot }) => slot),
      );
    const [last] = told;
    // A cycle is told at its end, which is when the next but one begins.
    const leftHere =
      newest.length >= cycles
        ? 0
        : last === undefined
          ? null
          : Math.max(0, last.beganMs + (cycles - newest.length + 1) * cycleMs - nowMs);
    leftMs = leftMs === null || leftHere === null ? null : Math.max(leftMs, leftHere);
    return { node, cycles: newest.length };
  });
  return {
    cycles,
    cycleS: cycleMs / 1000,
    planned: cycles * peers * addresses.length * views.length,
    done,
    leftMs,
    nodes,
    routesOf,
    complete: routesOf.length === 0 && nodes.every((node) => node.cycles >= cycles),
  };
}

function cellsOf(
  { slots, peers, rowOf, told }: Pick<CycleView, "slots" | "peers" | "rowOf" | "told">,
  addresses: readonly string[],
  asked: readonly number[],
): number {
  let cells = 0;
  for (const address of addresses) {
    const row = rowOf(address);
    if (row === undefined) continue;
    for (let column = 0; column < peers.length; column++) {
      const base = (row * peers.length + column) * slots;
      for (const slot of asked) if (sentIn(told[base + slot] ?? 0) > 0) cells++;
    }
  }
  return cells;
}
