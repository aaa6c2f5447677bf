import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceName, ServicesPart } from "@vsix/shared/contract/part-services.ts";
import type { Logger } from "pino";
import { ResourceTable } from "../core/resource-table.ts";
import { afterEnd, afterLook, type Health, type Look, newHealth } from "../core/services/health.ts";
import { rootHints, unboundConfig } from "../core/services/unbound-config.ts";
import { Daemon } from "../io/daemon.ts";
import { runProgram } from "../io/run-program.ts";
import { resolverDriver } from "../resources/resolver/driver.ts";
import { resolverKind } from "../resources/resolver/model.ts";
import { lookAtResolver } from "../sensors/resolver-look.ts";
import { type Managed, manage } from "./managed-kind.ts";
import { Reconciler } from "./reconciler.ts";

export interface ServiceLaneOptions {
  /** Where programs have their files, a directory each. */
  readonly runDir: string;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** What works is another set now, or there is news of why. */
  readonly onChange: () => void;
}

/** How a service is, for reports and metrics. */
export interface ServiceState {
  readonly name: ServiceName;
  readonly health: Health;
  readonly pid: number | undefined;
  readonly starts: number;
}

/** Between looks; two bad ones in a row take a service out of BGP. */
const LOOK_MS = 500;
const TRUST_ANCHOR = "/usr/share/dns/root.key";
const UNBOUND_USER = "unbound";

/**
 * The programs behind part `services`, beside the kernel's loop: starting one never delays a route. They are resources like any other
 * (desired, observed, plan, apply), and each is asked real questions all the time.
 */
export class ServiceLane implements AsyncDisposable {
  readonly #options: ServiceLaneOptions;
  readonly #abort = new AbortController();
  readonly #table = new ResourceTable(resolverKind);
  readonly #resolver: Daemon;
  readonly #health = new Map<ServiceName, Health>();
  #reconciler: Reconciler | undefined;
  #kinds: readonly Managed[] = [];
  #part: ServicesPart | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #nat64Version: Promise<boolean> | undefined;

  constructor(options: ServiceLaneOptions) {
    this.#options = options;
    this.#resolver = this.#daemon("resolver", "unbound");
  }

  get kinds(): readonly Managed[] {
    return this.#kinds;
  }

  /** Services of this node that answer correctly: their routes are announced. */
  get working(): ReadonlySet<ServiceName> {
    return new Set([...this.#health].flatMap(([name, { working }]) => (working ? [name] : [])));
  }

  get states(): readonly ServiceState[] {
    return [...this.#health].map(([name, health]) => ({
      name,
      health,
      pid: this.#resolver.pid,
      starts: this.#resolver.starts,
    }));
  }

  /** Before the speaker is worked out: a service whose program runs is taken for working until it has been asked. */
  configure(part: ServicesPart | undefined): void {
    this.#part = part;
    this.#expect("resolver", part?.resolver !== undefined, this.#resolver);
    const left = existsSync(this.#options.runDir);
    if (part === undefined && !left && this.#reconciler === undefined) return;
    this.#begin();
    void this.#desire();
  }

  /** What a cycle would do now. Changes nothing. */
  async preview(): Promise<readonly string[]> {
    return (await this.#reconciler?.preview()) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    clearTimeout(this.#timer);
    await this.#reconciler?.[Symbol.asyncDispose]();
    this.#resolver[Symbol.dispose]();
  }

  #daemon(service: ServiceName, name: string): Daemon {
    const { runDir, log, now } = this.#options;
    return new Daemon({
      directory: join(runDir, service),
      name,
      now,
      onEnd: (how) => {
        log.error({ service, how }, "its program has ended");
        this.#judged(service, (health) => afterEnd(health, `${name} has ended (${how})`, now()));
        for (const kind of this.#kinds) kind.stale = true;
        this.#reconciler?.trigger();
      },
    });
  }

  #expect(name: ServiceName, wanted: boolean, daemon: Daemon): void {
    if (!wanted) this.#health.delete(name);
    else if (!this.#health.has(name))
      this.#health.set(name, newHealth(daemon.find() !== undefined, this.#options.now()));
  }

  #begin(): void {
    if (this.#reconciler !== undefined) return;
    const { log, onChange, runDir } = this.#options;
    const driver = resolverDriver(join(runDir, "resolver"), this.#resolver);
    this.#kinds = [manage(this.#table, driver, () => true)];
    this.#reconciler = new Reconciler({ kinds: this.#kinds, log, now: Date.now, onCycle: onChange });
  }

  async #desire(): Promise<void> {
    const resolver = this.#part?.resolver;
    this.#nat64Version ??= this.#asksByNat64();
    const asksByNat64 = resolver === undefined ? false : await this.#nat64Version;
    if (this.#abort.signal.aborted || this.#part?.resolver !== resolver) return;
    const place = {
      directory: join(this.#options.runDir, "resolver"),
      user: isUser(UNBOUND_USER) ? UNBOUND_USER : undefined,
      trustAnchor: existsSync(TRUST_ANCHOR) ? TRUST_ANCHOR : undefined,
      asksByNat64,
    };
    this.#table.setDesired(
      resolver === undefined
        ? []
        : [{ name: "unbound", config: unboundConfig(resolver, place), hints: rootHints(resolver) }],
    );
    this.#reconciler?.trigger();
    this.#schedule();
  }

  /** Unbound 1.18 can. */
  async #asksByNat64(): Promise<boolean> {
    try {
      const said = await runProgram(["unbound", "-V"], { signal: this.#abort.signal });
      const [, major = "0", minor = "0"] = /^Version (\d+)\.(\d+)/.exec(said) ?? [];
      return Number(major) > 1 || Number(minor) >= 18;
    } catch {
      return false;
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#health.size === 0) return;
    const again = (): void => {
      this.#timer = undefined;
      if (this.#abort.signal.aborted || this.#health.size === 0) return;
      this.#timer = setTimeout(again, LOOK_MS);
      void this.#look();
    };
    again();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const part = this.#part?.resolver;
      if (part === undefined) return;
      const look: Look =
        this.#resolver.pid === undefined
          ? { ok: false, reason: "unbound does not run" }
          : await lookAtResolver(part);
      if (this.#part?.resolver === part)
        this.#judged("resolver", (health) => afterLook(health, look, this.#options.now()));
    } finally {
      this.#looking = false;
    }
  }

  #judged(name: ServiceName, judge: (health: Health) => Health): void {
    const before = this.#health.get(name);
    if (before === undefined) return;
    const after = judge(before);
    this.#health.set(name, after);
    const { log, onChange } = this.#options;
    if (after.working !== before.working) {
      if (after.working) log.info({ service: name }, "works: announced");
      else log.error({ service: name, reason: after.reason }, "does not work: withdrawn");
    }
    if (after.working !== before.working || after.reason !== before.reason) onChange();
  }
}

function isUser(name: string): boolean {
  try {
    return readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .some((line) => line.startsWith(`${name}:`));
  } catch {
    return false;
  }
}
