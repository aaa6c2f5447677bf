import type { EpeDestination, FabricEpe } from "@vsix/shared/fabric/epe-model.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import type { Logger } from "pino";
import { timestamp } from "../clock.ts";
import { decide } from "../core/epe/decide.ts";
import type { EpeOutcome } from "../core/epe/decision.ts";
import {
  type DestinationPlan,
  type DestinationSource,
  type PlannedDestination,
  planDestinations,
} from "../core/epe/destinations.ts";
import { DemandTable } from "../core/epe/evidence/demand-table.ts";
import { EgressEvidence, type EvidencePlan } from "../core/epe/evidence/store.ts";
import { type EpeMemory, loadMemory, newMemory, type SavedMemory, saveMemory } from "../core/epe/memory.ts";
import { type EpePolicy, policyOf } from "../core/epe/policy.ts";
import { epeMode, type StoredEpe } from "../desired/epe-in-force.ts";
import { messageOf } from "../errors.ts";
import type { UpMessage } from "../fleet/ingest.ts";
import type { EpeMetrics } from "../metrics/epe-metrics.ts";
import { type Context, requireInForce } from "../operations/context.ts";
import { AlarmLog, alarmsNow } from "./alarms.ts";
import { eventOf, eventsOf } from "./events.ts";
import { DestinationSources } from "./sources.ts";

/** How often it is looked whether a cycle is over, milliseconds. */
export const EPE_LOOK_EVERY_MS = 1_000;
/** Events that are kept. */
export const KEEP_EVENTS = 20_000;

/** Everything that one cycle works with. Made anew when the fabric, the mode or the destinations change. */
interface Setting {
  readonly fabric: Fabric;
  readonly epe: FabricEpe;
  readonly stored: StoredEpe;
  readonly policy: EpePolicy;
  readonly destinations: readonly PlannedDestination[];
}

/** The newest decision, for people. */
export interface LastCycle {
  readonly outcome: EpeOutcome;
  readonly policy: EpePolicy;
  readonly destinations: readonly PlannedDestination[];
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Megabits a second by rowKey (core/epe/memory.ts), as it was decided by; what is not there was not known. */
  readonly demand: ReadonlyMap<string, number>;
}

/**
 * Measures, decides and moves, cycle by cycle, while an operator has it do so. What routers are told is stored and committed as
 * every other change is; what it remembers is stored beside it, so a controller that is started anew goes on.
 */
export class EpeRunner {
  readonly #log: Logger;
  readonly #metrics: EpeMetrics;
  readonly #alarms = new AlarmLog();
  readonly #sources: DestinationSources;
  #learned: readonly EpeDestination[] = [];
  #plan: DestinationPlan | undefined;
  #planned: { readonly fabric: Fabric; readonly learned: readonly EpeDestination[] } | undefined;
  #setting: Setting | undefined;
  #evidence: EgressEvidence | undefined;
  readonly #demand = new DemandTable();
  #memory: EpeMemory | undefined;
  #decidedMs = Number.NEGATIVE_INFINITY;
  #last: LastCycle | undefined;
  #fault: string | undefined;

  constructor(log: Logger, metrics: EpeMetrics) {
    this.#log = log;
    this.#metrics = metrics;
    this.#sources = new DestinationSources(log);
  }

  get last(): LastCycle | undefined {
    return this.#last;
  }
  get sources(): DestinationSources {
    return this.#sources;
  }
  get plan(): DestinationPlan | undefined {
    return this.#plan;
  }
  get evidence(): EgressEvidence | undefined {
    return this.#evidence;
  }
  get memory(): EpeMemory | undefined {
    return this.#memory;
  }
  /** Why nothing is decided although it should be. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Destinations that users really talk to, most wanted first: measured after those that the operator named. */
  learn(destinations: readonly EpeDestination[]): void {
    this.#learned = destinations;
  }

  accept(message: UpMessage, receivedMs: number): void {
    if (message.kind === "egress") {
      if (this.#evidence?.takeCycle(message.value, receivedMs) === "taken")
        this.#metrics.measured(message.value);
    } else if (message.kind === "egress-routes") this.#evidence?.takeRoutes(message.value, receivedMs);
    else if (message.kind === "counters") this.#demand.take(message.value, receivedMs);
  }

  /** The operator has said something else: what was decided before is not in force. */
  reset(): void {
    this.#memory = undefined;
    this.#setting = undefined;
    this.#last = undefined;
  }

  /** What is to be measured by this fabric, as far as it is known now. */
  planFor(fabric: Fabric): readonly PlannedDestination[] {
    if (fabric.epe === undefined) return [];
    this.#plan = planDestinations(fabric.epe, fabric.prefixes, this.#lists(fabric.epe));
    this.#planned = { fabric, learned: this.#learned };
    return this.#plan.destinations;
  }

  /** One look: loads what is due, and decides once a cycle. Throws what the store or the fleet refuses; the next look tries again. */
  async look(context: Context): Promise<void> {
    const { epe } = context.desired.inForce ?? {};
    await this.#alarms.look(context, alarmsNow(context, epe?.mode ?? "off", this.#fault), KEEP_EVENTS);
    await this.#cycle(context);
  }

  async #cycle(context: Context): Promise<void> {
    const { desired, clock, signal } = context;
    const inForce = desired.inForce;
    if (inForce?.epe === undefined || inForce.fabric.epe === undefined) {
      this.#rest();
      return;
    }
    const loaded = await this.#sources.look(inForce.fabric.epe, clock.monotonicMs(), signal);
    const planned = this.#planned?.fabric === inForce.fabric && this.#planned.learned === this.#learned;
    if ((loaded || !planned) && this.#sources.complete) await this.#replan(context);
    const setting = await this.#prepare(context);
    if (setting === undefined) return;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#decidedMs < setting.policy.cycleMs) return;
    this.#decidedMs = nowMs;
    await this.#decide(context, setting);
  }

  /** Nothing is measured: what was measured is let go of. */
  #rest(): void {
    if (this.#setting === undefined && this.#evidence === undefined) return;
    this.#setting = undefined;
    this.#evidence = undefined;
    this.#demand.replan([], []);
    this.#memory = undefined;
    this.#planned = undefined;
    this.#fault = undefined;
  }

  #lists({ destinations }: FabricEpe): readonly DestinationSource[] {
    return [
      { name: "list", destinations: destinations.list },
      ...this.#sources.lists(),
      { name: "learned", destinations: this.#learned },
    ];
  }

  /** Has what is measured stored and told, where it is not what is measured already. */
  async #replan({ desired, clock }: Context): Promise<void> {
    const { fabric, epe } = requireInForce(desired.inForce);
    const text = destinationsText(this.planFor(fabric));
    if (epe === undefined || epe.texts.destinations === text) return;
    const { destinations = [], refused = [] } = this.#plan ?? {};
    const body = {
      kind: "destinations",
      count: destinations.length,
      refused: refused.reduce((sum, { count }) => sum + count, 0),
    } as const;
    await desired.commit({ who: "epe", what: "epe-destinations" }, async (tx, current) => {
      const { revision, fabric: now, intent } = requireInForce(current);
      await tx.putEpeState("destinations", text);
      await tx.addEpeEvents([eventOf(timestamp(clock.wallMs()), "", body)], KEEP_EVENTS);
      return { revision, fabric: now, intent, detail: { ...body } };
    });
  }

  async #prepare(context: Context): Promise<Setting | undefined> {
    const { fabric, epe: stored } = requireInForce(context.desired.inForce);
    const { epe } = fabric;
    if (stored === undefined || epe === undefined) return undefined;
    const before = this.#setting;
    if (before?.fabric === fabric && before.stored.mode === stored.mode)
      if (before.stored.texts.destinations === stored.texts.destinations) return before;
    const policy = policyOf(fabric, epe, stored.mode);
    const list = { name: "stored", destinations: stored.destinations };
    const { destinations } = planDestinations(epe, fabric.prefixes, [list]);
    const plan: EvidencePlan = {
      addresses: destinations.map(({ address }) => address),
      peers: new Map(policy.peers.map(({ name, via }) => [name, via])),
      vantages: epe.measure.from,
      slots: policy.numbers.lossCycles + 2,
    };
    try {
      if (this.#evidence === undefined) this.#evidence = new EgressEvidence(plan);
      else this.#evidence.replan(plan);
    } catch (error) {
      if (this.#fault === undefined) this.#log.error({ reason: messageOf(error) }, "nothing is decided");
      this.#fault = messageOf(error);
      return undefined;
    }
    this.#demand.replan(
      policy.headends.map(({ node }) => node),
      epe.rules.length > 0 ? [] : destinations.map(({ prefix }) => prefix),
    );
    this.#fault = undefined;
    this.#memory ??= await this.#remembered(context, stored.mode);
    this.#setting = { fabric, epe, stored, policy, destinations };
    return this.#setting;
  }

  async #remembered({ store, clock }: Context, mode: EpePolicy["mode"]): Promise<EpeMemory> {
    const text = await store.read.epeState("memory");
    if (text === undefined) return newMemory(mode);
    try {
      const { wallMs, memory } = JSON.parse(text) as { wallMs: number; memory: SavedMemory };
      if (memory.version !== 1) return newMemory(mode);
      return loadMemory(memory, clock.monotonicMs(), clock.wallMs() - wallMs);
    } catch (error) {
      this.#log.error({ reason: messageOf(error) }, "what was decided before cannot be read; decided anew");
      return newMemory(mode);
    }
  }

  async #decide(context: Context, setting: Setting): Promise<void> {
    const { clock, fleet, desired } = context;
    const { policy, destinations, fabric } = setting;
    const [evidence, memory] = [this.#evidence, this.#memory];
    if (evidence === undefined || memory === undefined) return;
    const nowMs = clock.monotonicMs();
    const alive = new Set(
      fabric.nodes.filter(({ name }) => fleet.isOnline(name, nowMs)).map(({ name }) => name),
    );
    const startMs = performance.now();
    const demand = this.#demand.demand(nowMs);
    const view = evidence.view(alive, nowMs, demand);
    const outcome = decide({ policy, destinations, evidence: view, memory, nowMs });
    const tookMs = performance.now() - startMs;
    this.#metrics.decided(tookMs);
    const done = policy.mode === "enforce";
    const at = timestamp(clock.wallMs());
    const events = eventsOf(outcome, { at, fullSize: policy.fullSize, done, before: memory });
    const saved = JSON.stringify({ wallMs: clock.wallMs(), memory: saveMemory(outcome.memory, nowMs) });
    const overrides = JSON.stringify(outcome.overrides);
    const { texts } = desired.inForce?.epe ?? setting.stored;
    if (!done || overrides === texts.overrides)
      await context.store.transaction(async (tx) => {
        // Whoever has switched it off meanwhile has the last word.
        if ((await epeMode(tx)) !== policy.mode) return;
        await tx.putEpeState("memory", saved);
        await tx.addEpeEvents(events, KEEP_EVENTS);
      });
    else {
      const moved = outcome.decisions.filter(({ action }) => action === "move").length;
      const reverted = outcome.decisions.filter(({ action }) => action === "revert").length;
      await desired.commit({ who: "epe", what: "epe-cycle" }, async (tx, current) => {
        const { revision, fabric: now, intent } = requireInForce(current);
        const same = (await epeMode(tx)) === policy.mode;
        if (same) {
          await tx.putEpeState("overrides", overrides);
          await tx.putEpeState("memory", saved);
          await tx.addEpeEvents(events, KEEP_EVENTS);
        }
        const detail = { moved, reverted, inForce: outcome.overrides.length, dropped: !same };
        return { revision, fabric: now, intent, detail };
      });
    }
    // Only now: what could not be stored has not happened.
    if (this.#setting !== setting) return;
    this.#memory = outcome.memory;
    this.#last = { outcome, policy, destinations, atMs: nowMs, tookMs, demand };
  }
}

/** As stored. */
export function destinationsText(destinations: readonly PlannedDestination[]): string {
  return JSON.stringify(destinations.map(({ parsed: _, ...destination }) => destination));
}
