import { isKnownPart } from "@vsix/shared/contract/parse.ts";
import type { Condition, Report } from "@vsix/shared/contract/up.ts";
import type { CustodyReport } from "../documents/custody.ts";
import type { AgentDocument } from "../documents/document.ts";
import type { Refusal } from "../documents/refusals.ts";
import type { SessionState } from "../resources/bgp/engine.ts";
import type { Managed } from "./managed-kind.ts";
import type { ServiceState } from "./service-lane.ts";

export interface ReportFacts {
  readonly node: string;
  readonly document: AgentDocument | undefined;
  readonly kinds: readonly Managed[];
  /** Digests of what these hold; undefined while they are not counted. */
  readonly kernel: Report["kernel"];
  readonly waiting: ReadonlyMap<string, string>;
  readonly ribComplete: boolean;
  readonly engineConverged: boolean;
  /** Why the engine could not be reconciled, or null. */
  readonly engineReason: string | null;
  readonly sessions: readonly SessionState[];
  /** Whether BFD is up on an interface; undefined where it is not wanted. */
  readonly isBfdUp: (interfaceName: string) => boolean | undefined;
  /** What this node does for everybody. */
  readonly services: readonly ServiceState[];
  /** Where tunnels of a home router begin. */
  readonly tunnels: NonNullable<Report["tunnels"]>;
  readonly refusal: Refusal | undefined;
  /** What it holds and whom it obeys. */
  readonly custody: CustodyReport;
  /** What is wrong with the agent itself: object to reason. */
  readonly faults: ReadonlyMap<string, string>;
  /** What was wrong and has been put right, and is worth knowing: object to reason. */
  readonly repaired: ReadonlyMap<string, { readonly reason: string; readonly atMs: number }>;
  readonly nowMs: number;
}

/** Of what may be wrong, by object, what is. */
export function faultsOf(all: Readonly<Record<string, string | undefined>>): ReportFacts["faults"] {
  return new Map(
    Object.entries(all).flatMap(([object, reason]) =>
      reason === undefined ? [] : [[object, reason] as const],
    ),
  );
}

const MAX_CONDITIONS = 100;

/** When each condition was first seen; kept between reports. */
export type ConditionMemory = Map<string, { readonly reason: string; readonly sinceMs: number }>;

/** What the node says of itself. `memory` remembers since when each condition stands. */
export function buildReport(facts: ReportFacts, memory: ConditionMemory): Report {
  const { document, nowMs } = facts;
  const conditions = buildConditions(facts, memory);
  const bfd = bfdStates(facts);
  return {
    version: 1,
    node: facts.node,
    epoch: document?.manifest.epoch ?? 0,
    generation: document?.manifest.generation ?? 0,
    parts: Object.fromEntries(
      document?.manifest.parts
        .filter(({ name }) => isKnownPart(name))
        .map(({ name, generation }) => [name, generation]) ?? [],
    ),
    converged:
      document !== undefined &&
      facts.ribComplete &&
      facts.engineConverged &&
      conditions.every(({ state }) => state !== "error"),
    objects: observedOf(facts.kinds),
    ...(facts.kernel === undefined ? {} : { kernel: facts.kernel }),
    conditions: conditions.slice(0, MAX_CONDITIONS),
    sessions: facts.sessions.map(({ neighbour, state, admin, received, accepted, note }) => ({
      neighbour,
      state: admin === "up" ? state : admin,
      received,
      accepted,
      ...bfd.get(neighbour),
      ...(note === undefined ? {} : { note }),
    })),
    ...(facts.services.length === 0
      ? {}
      : { services: facts.services.map((one) => serviceReport(one, nowMs)) }),
    ...(facts.tunnels.length === 0 ? {} : { tunnels: facts.tunnels }),
    ...(facts.refusal !== undefined && nowMs - Date.parse(facts.refusal.at) < 3_600_000
      ? { refused: facts.refusal }
      : {}),
    ...facts.custody,
  };
}

function serviceReport(
  { name, health, forMs, pid, starts }: ServiceState,
  nowMs: number,
): NonNullable<Report["services"]>[number] {
  const { working, reason, looks, failed } = health;
  const since = new Date(nowMs - forMs).toISOString();
  return {
    name,
    working,
    since,
    reason: reason.slice(0, 512),
    running: pid !== undefined,
    starts,
    looks,
    failed,
  };
}

/** Neighbours that BFD is wanted with, and how it is there. */
function bfdStates({ document, isBfdUp }: ReportFacts): ReadonlyMap<string, { readonly bfd: "up" | "down" }> {
  const wanted = document?.bgp.neighbours.filter(({ bfd }) => bfd !== undefined) ?? [];
  return new Map(
    wanted.map(({ name, interface: port }) => [name, { bfd: isBfdUp(port) === true ? "up" : "down" }]),
  );
}

function buildConditions(facts: ReportFacts, memory: ConditionMemory): readonly Condition[] {
  const found = new Map<string, { state: Condition["state"]; reason: string; sinceMs: number }>();
  const seen = (object: string, reason: string): number => {
    const before = memory.get(object);
    return before !== undefined && before.reason === reason ? before.sinceMs : facts.nowMs;
  };
  // Errors first: thousands of routes that wait must not push them out of what is reported.
  for (const [object, reason] of facts.faults)
    found.set(object, { state: "error", reason, sinceMs: seen(object, reason) });
  for (const { name, fault } of facts.kinds)
    if (fault !== undefined)
      found.set(name, { state: "error", reason: fault.reason, sinceMs: fault.sinceMs });
  for (const kind of facts.kinds)
    for (const [key, { reason, sinceMs }] of kind.failures)
      found.set(`${kind.name} ${key}`, { state: "error", reason, sinceMs });
  if (facts.engineReason !== null)
    found.set("bgp engine", {
      state: "error",
      reason: facts.engineReason,
      sinceMs: seen("bgp engine", facts.engineReason),
    });
  for (const [object, reason] of facts.waiting) {
    if (found.has(object)) continue;
    found.set(object, { state: "pending", reason, sinceMs: seen(object, reason) });
  }
  for (const [object, { reason, atMs }] of facts.repaired)
    if (!found.has(object)) found.set(object, { state: "done", reason, sinceMs: atMs });
  memory.clear();
  for (const [object, { reason, sinceMs }] of found) memory.set(object, { reason, sinceMs });
  return [...found].map(([object, { state, reason, sinceMs }]) => ({
    object: object.slice(0, 512),
    state,
    since: new Date(sinceMs).toISOString(),
    reason: reason.slice(0, 2048),
  }));
}

/** By kind; of some there are several, each a server. */
function observedOf(kinds: ReportFacts["kinds"]): Report["objects"] {
  const counts: Record<string, number> = {};
  for (const { name, observedCount } of kinds) counts[name] = (counts[name] ?? 0) + observedCount;
  return counts;
}
