import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab.ts";
import {
  type ObservedPlanes,
  observePlanes,
  type PortCounters,
  planeShares,
  portCounters,
} from "../observe.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** A move as the cables saw it. */
export interface Move {
  /** From the command's start until the ports of the wanted plane carried everything, both ways. */
  readonly movedMs: number | null;
  /** From the command's start to its end. */
  readonly commandMs: number;
}

const POLL_MS = 10;

/** Runs a command that should move an Edge's traffic while watching the counters. Needs traffic both ways. */
export async function timeMove(
  context: ScenarioContext,
  edge: string,
  plane: string,
  command: () => Promise<unknown>,
): Promise<Move> {
  const started = performance.now();
  const done = new AbortController();
  const watch = watchMove(context.lab, edge, plane, started, done.signal);
  try {
    await command();
    const commandMs = Math.round(performance.now() - started);
    const movedMs = await Promise.race([watch, sleep(5000, null, { signal: done.signal })]);
    return { movedMs, commandMs };
  } finally {
    done.abort();
    await watch.catch(() => {});
  }
}

/** Resolves when a stretch between two readings had packets on `plane` only; resolution about 20 ms. */
async function watchMove(
  lab: Lab,
  edge: string,
  plane: string,
  started: number,
  signal: AbortSignal,
): Promise<number | null> {
  let before: readonly PortCounters[] = await portCounters(lab);
  while (!signal.aborted) {
    await sleep(POLL_MS);
    const after = await portCounters(lab);
    const elapsed = Math.round(performance.now() - started);
    const shares = planeShares(lab, edge, before, after);
    before = after;
    const total = { out: 0, in: 0 };
    for (const share of shares) {
      total.out += share.fromEdge;
      total.in += share.toEdge;
    }
    const wanted = shares.find((share) => share.plane === plane);
    // Sessions and probes go on over both planes: a tenth is allowed for them.
    if (
      wanted !== undefined &&
      total.out > 5 &&
      total.in > 5 &&
      wanted.fromEdge >= 0.9 * total.out &&
      wanted.toEdge >= 0.9 * total.in
    )
      return elapsed;
  }
  return null;
}

/** Looks at an Edge's planes for half a second at a time; stops waiting for the wanted one after so many looks. */
const LOOKS = 6;

/**
 * Checks that all traffic of an Edge uses `plane` both ways. The command that moved it has returned by then; how long the
 * traffic took is measured by `timeMove`, so a few looks are granted here; more where BGP has first to come back.
 */
export async function checkPlanes(
  context: ScenarioContext,
  edge: string,
  plane: string,
  when: string,
  looks = LOOKS,
): Promise<ObservedPlanes> {
  let seen = await observePlanes(context.lab, edge);
  for (let look = 1; look < looks && (seen.outbound !== plane || seen.inbound !== plane); look++)
    seen = await observePlanes(context.lab, edge);
  context.check(seen.outbound === plane, `${when}: ${edge} sends by ${seen.outbound}, not ${plane}`);
  context.check(seen.inbound === plane, `${when}: ${edge} receives by ${seen.inbound}, not ${plane}`);
  return seen;
}
