import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServiceName } from "@vsix/shared/contract/part-services.ts";
import type { Logger } from "pino";
import {
  afterEnd,
  afterLook,
  type Health,
  type Look,
  MUTE_LOOKS,
  newHealth,
} from "../core/services/health.ts";
import type { AgentDocument } from "../documents/document.ts";
import { Daemon } from "../io/daemon.ts";
import type { Managed } from "./managed-kind.ts";
import { Reconciler } from "./reconciler.ts";
import type { ServiceUnit, serviceUnits } from "./service-unit.ts";

export interface ServiceLaneOptions {
  /** Where programs have their files, a directory each. */
  readonly runDir: string;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Another set of services works now, or there is news of why. */
  readonly onChange: () => void;
  /** What there is to run: `serviceUnits`. */
  readonly units: typeof serviceUnits;
}

/** How a service is, for reports and metrics. */
export interface ServiceState {
  readonly name: ServiceName;
  readonly health: Health;
  /** Since it works, or does not. */
  readonly forMs: number;
  readonly pid: number | undefined;
  readonly starts: number;
}

/** Between looks; two bad ones in a row, the second at once where it said nothing, take a service out of BGP. */
const LOOK_MS = 500;

/**
 * The programs behind part `services`, beside the kernel's loop: starting one never delays a route. They are resources like any other
 * (desired, observed, plan, apply), and each is asked real questions all the time.
 */
export class ServiceLane implements AsyncDisposable {
  readonly #options: ServiceLaneOptions;
  readonly #abort = new AbortController();
  readonly #units: readonly ServiceUnit[];
  readonly #health = new Map<ServiceName, Health>();
  readonly #looking = new Set<ServiceName>();
  #reconciler: Reconciler | undefined;
  #document: AgentDocument | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ServiceLaneOptions) {
    this.#options = options;
    this.#units = options.units(options.runDir, (service, program) => this.#daemon(service, program));
  }

  /** None while this node never had a service. */
  get kinds(): readonly Managed[] {
    return this.#reconciler === undefined ? [] : this.#units.map(({ managed }) => managed);
  }

  /** Services of this node that answer correctly: their routes are announced. */
  get working(): ReadonlySet<ServiceName> {
    return new Set([...this.#health].flatMap(([name, { working }]) => (working ? [name] : [])));
  }

  get states(): readonly ServiceState[] {
    return this.#units.flatMap(({ name, daemon }): ServiceState[] => {
      const health = this.#health.get(name);
      return health === undefined
        ? []
        : [
            {
              name,
              health,
              forMs: this.#options.now() - health.sinceMs,
              pid: daemon.pid,
              starts: daemon.starts,
            },
          ];
    });
  }

  /** Before the speaker is worked out: a service whose program runs is taken for working until it has been asked. */
  configure(document: AgentDocument): void {
    this.#document = document;
    const { services } = document;
    for (const { name, isWanted, daemon, patience } of this.#units) {
      if (!isWanted(services)) this.#health.delete(name);
      else if (!this.#health.has(name))
        this.#health.set(name, newHealth(daemon.find() !== undefined, this.#options.now(), patience));
    }
    const had = this.#reconciler !== undefined || existsSync(this.#options.runDir);
    if (services === undefined && !had) return;
    this.#reconciler ??= new Reconciler({
      kinds: this.#units.map(({ managed }) => managed),
      log: this.#options.log,
      now: Date.now,
      onCycle: this.#options.onChange,
    });
    void this.#desire(document);
  }

  /** What a cycle would do now. Changes nothing. */
  async preview(): Promise<readonly string[]> {
    return (await this.#reconciler?.preview()) ?? [];
  }

  /** Programs go on: the next agent adopts them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    clearTimeout(this.#timer);
    await this.#reconciler?.[Symbol.asyncDispose]();
    for (const unit of this.#units) await unit[Symbol.asyncDispose]();
  }

  #daemon(service: ServiceName, name: string): Daemon {
    const { runDir, log, now } = this.#options;
    return new Daemon({
      directory: join(runDir, service),
      name,
      now,
      onEnd: (how) => {
        log.error({ service, how }, "its program has ended");
        const reason = `${name} has ended (${how})`;
        // Connections through a translator would not survive another one; they do survive the moment until it has been started again.
        this.#judged(service, (health) =>
          service === "translator"
            ? afterLook(health, { ok: false, reason }, now())
            : afterEnd(health, reason, now()),
        );
        for (const unit of this.#units) if (unit.name === service) unit.managed.stale = true;
        this.#reconciler?.trigger();
      },
    });
  }

  async #desire(document: AgentDocument): Promise<void> {
    const { services, fabric } = document;
    for (const unit of this.#units) await unit.desire(services, fabric.node.loopback, this.#abort.signal);
    if (this.#abort.signal.aborted || this.#document !== document) return;
    this.#reconciler?.trigger();
    if (this.#timer === undefined) this.#beat();
  }

  #beat(): void {
    this.#timer = undefined;
    if (this.#abort.signal.aborted || this.#health.size === 0) return;
    this.#timer = setTimeout(() => this.#beat(), LOOK_MS);
    for (const unit of this.#units) if (this.#health.has(unit.name)) void this.#look(unit);
  }

  async #look(unit: ServiceUnit): Promise<void> {
    const { name, daemon, look } = unit;
    const services = this.#document?.services;
    if (services === undefined || this.#looking.has(name)) return;
    this.#looking.add(name);
    try {
      const seen: Look =
        daemon.pid === undefined ? { ok: false, reason: "its program does not run" } : await look(services);
      if (this.#document?.services === services)
        this.#judged(name, (health) => afterLook(health, seen, this.#options.now()));
      if ((this.#health.get(name)?.mute ?? 0) >= MUTE_LOOKS) {
        this.#options.log.error({ service: name, reason: seen.reason }, "its program hangs: ended");
        daemon.kill();
      }
    } catch (error) {
      this.#options.log.error({ err: error, service: name }, "cannot be asked");
    } finally {
      this.#looking.delete(name);
    }
    const health = this.#health.get(name);
    // Who was waited for in vain is asked again at once.
    if (health?.working === true && health.mute > 0 && !this.#abort.signal.aborted) void this.#look(unit);
  }

  #judged(name: ServiceName, judge: (health: Health) => Health): void {
    const before = this.#health.get(name);
    if (before === undefined) return;
    const after = judge(before);
    this.#health.set(name, after);
    const { log, onChange } = this.#options;
    if (after.working && !before.working) log.info({ service: name }, "works: announced");
    if (!after.working && before.working)
      log.error({ service: name, reason: after.reason }, "does not work: withdrawn");
    if (after.working !== before.working || after.reason !== before.reason) onChange();
  }
}
