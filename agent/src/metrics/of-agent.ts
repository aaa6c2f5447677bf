import type { Report } from "@vsix/shared/contract/up.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import type { HomeFacts, HomeHealth } from "../core/home-page/facts.ts";
import type { AgentDocument } from "../documents/document.ts";
import type { KernelState } from "../loop/kernel-state.ts";
import type { Reconciler } from "../loop/reconciler.ts";
import type { RibLane } from "../loop/rib-lane.ts";
import type { ServiceState } from "../loop/service-lane.ts";
import type { SessionState } from "../resources/bgp/engine.ts";
import type { HealthSchedule } from "../sensors/health-schedule.ts";
import type { Watchers } from "../sensors/watchers.ts";
import type { AgentFigures, DelegationFigures } from "./figures.ts";

/** The parts of the agent that know something worth a figure. */
export interface FigureSources {
  readonly version: string;
  readonly report: Report;
  readonly document: AgentDocument | undefined;
  readonly sessions: readonly SessionState[];
  readonly kernel: Pick<KernelState, "kinds" | "home">;
  readonly services: readonly ServiceState[];
  readonly reconciler: Pick<Reconciler, "figures">;
  readonly ribLane: Pick<RibLane, "rib" | "feedUp">;
  readonly watchers: Pick<Watchers, "ports" | "probes" | "egress">;
  readonly health: Pick<HealthSchedule, "last">;
  readonly capture: CaptureCounters | undefined;
  readonly delegation: DelegationFigures | undefined;
  readonly controllerUp: boolean;
}

/** So many words of each kind are told at home. */
const MAX_TOLD = 8;

/** What a home router's status page tells. */
export function homeFactsOf({ version, report, kernel, health, controllerUp }: FigureSources): HomeFacts {
  return {
    node: report.node,
    version,
    controllerUp,
    generation: report.generation,
    ...kernel.home.told,
    errors: report.conditions
      .filter(({ state }) => state === "error")
      .slice(0, MAX_TOLD)
      .map(({ object, reason }) => `${object}: ${reason}`.slice(0, 512)),
    ...(health.last === undefined ? {} : { health: homeHealthOf(health.last) }),
  };
}

export function homeHealthOf({ startedMs, state, verdicts }: Health): HomeHealth {
  return { startedMs, state, verdicts: verdicts.slice(0, MAX_TOLD).map(({ text }) => text) };
}

/** What there is to tell now. An engine may have neighbours that the document does not: they are left out. */
export function figuresOf(sources: FigureSources): AgentFigures {
  const { version, report, document, sessions, kernel, reconciler, ribLane, watchers } = sources;
  const { node, epoch, generation, converged } = report;
  const known = new Set(document?.bgp.neighbours.map(({ name }) => name));
  const { user, system } = process.cpuUsage();
  return {
    node,
    version,
    epoch,
    generation,
    converged,
    kinds: kernel.kinds,
    cycles: reconciler.figures,
    sessions: sessions.filter(({ neighbour }) => known.has(neighbour)),
    rib: ribLane.rib,
    feedUp: ribLane.feedUp,
    controllerUp: sources.controllerUp,
    ports: watchers.ports,
    probes: watchers.probes,
    egress: watchers.egress,
    services: sources.services,
    health: sources.health.last?.layers,
    capture: sources.capture,
    delegation: sources.delegation,
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
  };
}
