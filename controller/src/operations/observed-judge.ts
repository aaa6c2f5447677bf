import type { Judge, Verdict } from "../core/release/question.ts";
import type { InForce } from "../desired/in-force.ts";
import type { FleetState } from "../fleet/state.ts";
import { attachmentsOf } from "../status/attachment.ts";
import type { Context } from "./context.ts";
import { entryOf, observersOf } from "./observe.ts";

/** An External Edge tells every 5 s at least (agent/src/sensors/watchers.ts); what is older than three of those is no datum. */
const FRESH_MS = 15_000;
/** Of the last 20 probes: more lost is a fail, fewer but some decides nothing. */
const LOST_FAIL = 2;
/** An Edge's median round trip may double and grow by so much more before it is a fail. */
const RTT_TOLERANCE_US = 10_000;
const RTT_FACTOR = 2;
/** Round trips remembered of each Edge and plane, and how many there must be on both to be compared. */
const KEPT = 32;
const NEEDED = 5;

interface Finding {
  readonly verdict: Verdict;
  readonly reason: string;
}

/**
 * A first judge, by what External Edges and routers tell anyway: is the new plane's every router as it is wanted, are the
 * moved Edges' sessions up, are they seen on that plane both ways, are their probes answered, and not much later than
 * where they were. It measures nothing itself and knows no statistics: a small loss or a small delay passes it.
 */
export function observedJudge(context: Context): Judge {
  /** Round trips, microseconds, by `OBSERVER EDGE PLANE`, newest last; and which observation was taken last. */
  const roundTrips = new Map<string, number[]>();
  const taken = new Map<string, number>();
  context.desired.listen(({ after }) => {
    const known = new Set(after.steering.keys());
    for (const key of roundTrips.keys()) if (!known.has(key.split(" ")[1] ?? "")) roundTrips.delete(key);
  });
  return ({ from, to, moved, windowFromMs, windowToMs }) => {
    const { inForce } = context.desired;
    if (inForce === undefined) return { verdict: "hold", reasons: ["no fabric is in force"], detail: null };
    remember(context, inForce, roundTrips, taken);
    const findings = [...routerFindings(context, inForce, to, windowToMs)];
    const edges: object[] = [];
    const routers = inForce.fabric.nodes.filter(({ plane }) => plane === to);
    const heard = routers.every(({ name }) => isHeard(context.fleet, name));
    for (const edge of moved) {
      const attachment = attachmentsOf(inForce, context.fleet, edge, windowToMs).find(
        ({ plane }) => plane === to,
      );
      if (attachment?.up !== true) {
        const reason = `${edge} has no session with ${to}: ${attachment?.why ?? "no link"}`;
        findings.push({ verdict: heard ? "fail" : "hold", reason });
      }
      for (const observer of observersOf(inForce.fabric)) {
        const arrived = context.fleet.node(observer).observation;
        const entry = entryOf(context.fleet, observer, edge);
        const current = arrived !== undefined && !arrived.replayed && arrived.atMs >= windowFromMs;
        if (!current || entry === undefined || windowToMs - arrived.atMs > FRESH_MS) {
          findings.push({
            verdict: "hold",
            reason: `${observer} has told nothing of ${edge} in this window`,
          });
          continue;
        }
        const { inbound, outbound, lost } = entry;
        const [onLeft, onNew] = [from, to].map(
          (plane) => roundTrips.get(`${observer} ${edge} ${plane}`) ?? [],
        );
        const rtt = compare(onLeft ?? [], onNew ?? []);
        edges.push({ edge, observer, inbound, outbound, lost, of: 20, rtt });
        for (const [direction, plane] of [
          ["inbound", inbound],
          ["outbound", outbound],
        ] as const) {
          if (plane === to) continue;
          const where = plane === null ? "nothing comes back" : `it is on ${plane}`;
          findings.push({ verdict: "fail", reason: `${edge} ${direction} at ${observer}: ${where}` });
        }
        if (lost > 0) {
          const verdict = lost > LOST_FAIL ? "fail" : "hold";
          findings.push({ verdict, reason: `${edge} at ${observer}: ${lost} of the last 20 probes lost` });
        }
        if (rtt?.slower === true) {
          const reason = `${edge} at ${observer}: round trip ${rtt.newUs} us on ${to}, ${rtt.leftUs} us on ${from}`;
          findings.push({ verdict: "fail", reason });
        }
      }
    }
    const worst = (["fail", "hold"] as const).find((one) => findings.some(({ verdict }) => verdict === one));
    const told = findings.filter(({ verdict }) => verdict === worst).map(({ reason }) => reason);
    const limits = { lostFail: LOST_FAIL, rttToleranceUs: RTT_TOLERANCE_US, rttFactor: RTT_FACTOR };
    const detail = {
      judge: "observed/1",
      windowMs: Math.round(windowToMs - windowFromMs),
      limits,
      findings,
      edges,
    };
    return { verdict: worst ?? "pass", reasons: told, detail };
  };
}

/** Every router of the plane: an absent one is a fault, one that has not caught up yet is not known. */
function* routerFindings(
  { fleet, lineage }: Context,
  inForce: InForce,
  plane: string,
  nowMs: number,
): Generator<Finding> {
  for (const { name } of inForce.fabric.nodes.filter((node) => node.plane === plane)) {
    const report = fleet.node(name).report?.value;
    const wanted = inForce.nodes.get(name)?.generation;
    if (!isHeard(fleet, name) || report === undefined)
      yield { verdict: "hold", reason: `${name} has not been heard yet` };
    else if (!fleet.isOnline(name, nowMs)) yield { verdict: "fail", reason: `${name} is offline` };
    else if (report.epoch !== lineage.epoch || report.generation !== wanted)
      yield { verdict: "hold", reason: `${name} has not taken manifest ${wanted} yet` };
    else if (!report.converged) yield { verdict: "hold", reason: `${name} has not converged` };
  }
}

/** It has spoken since this controller's start: before that, its absence is no news of it. */
function isHeard(fleet: FleetState, name: string): boolean {
  const { presence, report } = fleet.node(name);
  return presence?.renewedAtMs !== undefined && report !== undefined;
}

function remember(
  { fleet }: Context,
  { fabric }: InForce,
  roundTrips: Map<string, number[]>,
  taken: Map<string, number>,
): void {
  for (const observer of observersOf(fabric)) {
    const { observation } = fleet.node(observer);
    if (observation === undefined || observation.replayed || taken.get(observer) === observation.atMs)
      continue;
    taken.set(observer, observation.atMs);
    for (const { edge, inbound, outbound, rttUs } of observation.value.edges) {
      if (inbound === null || inbound !== outbound || rttUs === null) continue;
      const key = `${observer} ${edge} ${inbound}`;
      roundTrips.set(key, [...(roundTrips.get(key) ?? []), rttUs].slice(-KEPT));
    }
  }
}

/** Undefined where too little is known of either plane, as after a restart of the controller. */
function compare(
  left: readonly number[],
  now: readonly number[],
): { readonly leftUs: number; readonly newUs: number; readonly slower: boolean } | undefined {
  if (left.length < NEEDED || now.length < NEEDED) return undefined;
  const [leftUs, newUs] = [median(left), median(now)];
  return { leftUs, newUs, slower: newUs > leftUs * RTT_FACTOR + RTT_TOLERANCE_US };
}

/** Of a list that is not empty. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
