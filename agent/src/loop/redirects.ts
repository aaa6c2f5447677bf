import { setTimeout as sleep } from "node:timers/promises";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { Logger } from "pino";
import {
  type BackboneFacts,
  beginRedirect,
  DEFAULT_ROUTE,
  endOfRedirect,
  insideOf,
  type Redirect,
} from "../core/redirect.ts";
import type { Rib } from "../core/rib.ts";
import type { AgentDocument } from "../documents/document.ts";
import { type BgpEngine, BgpEngineError, type SessionState } from "../resources/bgp/engine.ts";
import type { Leading } from "./kernel-state.ts";

export interface RedirectsOptions {
  readonly engine: Pick<BgpEngine, "told">;
  readonly rib: Rib;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Something may have to be led elsewhere: `next` should be called. */
  readonly onChange: () => void;
}

type LedDocument = Pick<AgentDocument, "fabric" | "bgp" | "steering">;

/** What was seen of the engine counts for so long when a redirect begins; at rest it is looked at every 5 s. */
const FRESH_MS = 8_000;
/** How often a redirect is looked at while there is one. */
const TICK_MS = 250;
/** Prefixes of our own that are moved early, at most; more follow BGP as ever. */
const OWN_AT_MOST = 512;
/** So many of them are asked for at every look, so that they need not wait for an answer when a redirect begins. */
const OWN_IN_PASSING = 64;
/** An engine under many updates answers late; whoever waits longer learns nothing. */
const LOOK_TIMEOUT_MS = 10_000;

/**
 * Whether an Edge's routes are led to another neighbour than BGP says, because the document wants them there and BGP is
 * about to move them. Begins when the wanted plane changes while this agent runs, never otherwise: a restart ends it.
 */
export class Redirects implements AsyncDisposable {
  readonly #options: RedirectsOptions;
  readonly #abort = new AbortController();
  #document: LedDocument | undefined;
  #ownPrefixes = "";
  #isInside: (prefix: string) => boolean = () => false;
  #isUsable: (interfaceName: string) => boolean = () => false;
  #wanted: string | undefined;
  #redirect: Redirect | undefined;
  #early: ReadonlyMap<string, string> = new Map();
  #sessions: readonly SessionState[] = [];
  /** Which neighbours tell ::/0 and prefixes of our own; empty when the engine does not answer. */
  #told: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  /** Our own prefixes among the best paths. */
  readonly #own = new Set<string>();
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #lookWanted = false;
  #looking: Promise<void> | undefined;
  #saidAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RedirectsOptions) {
    this.#options = options;
  }

  /** Where routes are to be led now, from this document and these links. */
  next(document: LedDocument, isUsable: (interfaceName: string) => boolean): Leading {
    const before = this.#wanted;
    this.#document = document;
    this.#isUsable = isUsable;
    const isEdge = document.fabric.node.role === "edge";
    this.#wanted = isEdge ? document.steering?.wanted : undefined;
    if (isEdge) this.#keepInside(document);
    if (before !== undefined && this.#wanted !== undefined && this.#wanted !== before)
      this.#begin(this.#wanted);
    else if (this.#redirect !== undefined) this.#endIfDue(this.#redirect);
    return { isInside: this.#isInside, to: this.#redirect?.to, early: this.#early };
  }

  /** Whether routes are led elsewhere now. */
  get active(): boolean {
    return this.#redirect !== undefined;
  }

  /** The engine's sessions, as just seen. */
  sessionsSeen(sessions: readonly SessionState[]): void {
    this.#sessions = sessions;
    if (this.#wanted !== undefined) this.#look();
  }

  /** The engine cannot be asked: what it said no longer counts. */
  engineGone(): void {
    this.#sessions = [];
    this.#told = new Map();
    if (this.#redirect !== undefined) this.#options.onChange();
  }

  /** The feed has said something of these prefixes. */
  routesChanged(prefixes: readonly string[]): void {
    this.#saidAtMs = this.#options.now();
    this.#sortOut(prefixes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    clearInterval(this.#timer);
    await this.#looking;
  }

  #begin(wanted: string): void {
    const { rib, log, now } = this.#options;
    const nowMs = now();
    const fresh = nowMs - this.#lookedAtMs <= FRESH_MS;
    const beginning = !rib.complete
      ? ({ ok: false, reason: "best paths are not complete" } as const)
      : !fresh
        ? ({ ok: false, reason: "the BGP engine has not answered of late" } as const)
        : beginRedirect(wanted, this.#neighbours(), nowMs);
    this.#set(beginning.ok ? beginning.redirect : undefined);
    if (!beginning.ok) {
      log.info({ to: wanted, reason: beginning.reason }, "routes are left to BGP alone");
      return;
    }
    log.info({ to: wanted, by: beginning.redirect.to }, "routes are led to the other plane");
    this.#setEarly(beginning.redirect);
    // Whether it still holds, and which more of our own prefixes are told there.
    this.#look();
  }

  #reasonToEnd(redirect: Redirect): string | undefined {
    const nowMs = this.#options.now();
    const state = {
      wanted: this.#wanted,
      neighbours: this.#neighbours(),
      quietMs: nowMs - this.#saidAtMs,
      count: () => this.#count(redirect),
    };
    return endOfRedirect(redirect, state, nowMs);
  }

  #endIfDue(redirect: Redirect): void {
    const { log, now } = this.#options;
    const reason = this.#reasonToEnd(redirect);
    if (reason === undefined) return;
    this.#set(undefined);
    log.info({ reason, afterMs: Math.round(now() - redirect.sinceMs) }, "routes are BGP's again");
  }

  #tick(): void {
    const redirect = this.#redirect;
    if (redirect !== undefined && this.#reasonToEnd(redirect) !== undefined) this.#options.onChange();
  }

  #set(redirect: Redirect | undefined): void {
    this.#redirect = redirect;
    this.#early = new Map();
    clearInterval(this.#timer);
    this.#timer = redirect === undefined ? undefined : setInterval(() => this.#tick(), TICK_MS);
  }

  #keepInside({ bgp, fabric }: LedDocument): void {
    const own = [...bgp.ownPrefixes, fabric.sidBlock];
    if (own.join() === this.#ownPrefixes) return;
    this.#ownPrefixes = own.join();
    this.#isInside = insideOf(own);
    this.#own.clear();
    this.#sortOut([...this.#options.rib.paths()].map(({ prefix }) => prefix));
  }

  #sortOut(prefixes: readonly string[]): void {
    for (const prefix of prefixes) {
      if (!this.#isInside(prefix)) continue;
      if (this.#options.rib.get(prefix) === undefined) this.#own.delete(prefix);
      else this.#own.add(prefix);
    }
  }

  #backbone(): readonly BgpPart["neighbours"][number][] {
    return (this.#document?.bgp.neighbours ?? []).filter(({ kind }) => kind === "backbone");
  }

  #neighbours(): readonly BackboneFacts[] {
    return this.#backbone().map(({ name, address, plane, interface: interfaceName }) => {
      const session = this.#sessions.find((one) => one.address === address);
      return {
        name,
        address,
        plane: plane ?? "",
        usable: this.#isUsable(interfaceName),
        established: session?.state === "established",
        accepted: session?.accepted ?? 0,
        tellsDefault: this.#told.get(DEFAULT_ROUTE)?.has(address) ?? false,
      };
    });
  }

  /** Addresses of the neighbours whose routes are led away. */
  #others(redirect: Redirect): ReadonlySet<string> {
    return new Set(
      this.#backbone()
        .filter(({ plane }) => plane !== redirect.plane)
        .map(({ address }) => address),
    );
  }

  #count(redirect: Redirect): { all: number; remaining: number } {
    const { rib } = this.#options;
    const others = this.#others(redirect);
    let remaining = 0;
    for (const { nextHop } of rib.paths()) if (others.has(nextHop)) remaining++;
    for (const prefix of this.#own) if (others.has(rib.get(prefix)?.nextHop ?? "")) remaining--;
    return { all: rib.size - this.#own.size, remaining };
  }

  /** Our own prefixes that the redirect's neighbour is known to tell: whatever BGP is still about to say of them. */
  #setEarly(redirect: Redirect): boolean {
    const backbone = new Set(this.#backbone().map(({ address }) => address));
    const early = new Map<string, string>();
    for (const [prefix, neighbours] of this.#told)
      if (neighbours.has(redirect.to) && backbone.has(this.#options.rib.get(prefix)?.nextHop ?? ""))
        if (prefix !== DEFAULT_ROUTE) early.set(prefix, redirect.to);
    const same = early.size === this.#early.size && [...early.keys()].every((key) => this.#early.has(key));
    this.#early = early;
    return !same;
  }

  /** One look at a time; what is asked meanwhile makes one more. */
  #look(): void {
    this.#lookWanted = true;
    this.#looking ??= this.#lookWhileWanted();
  }

  async #lookWhileWanted(): Promise<void> {
    // The kernel first: what leads routes elsewhere is about to be applied.
    await sleep(1);
    while (this.#lookWanted && !this.#abort.signal.aborted) {
      this.#lookWanted = false;
      await this.#lookOnce();
    }
    this.#looking = undefined;
  }

  async #lookOnce(): Promise<void> {
    const { engine, now, log } = this.#options;
    const redirect = this.#redirect;
    const own = [...this.#own].slice(0, redirect === undefined ? OWN_IN_PASSING : OWN_AT_MOST);
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)]);
    try {
      this.#told = await engine.told([DEFAULT_ROUTE, ...own], signal);
      this.#lookedAtMs = now();
      if (redirect === undefined || redirect !== this.#redirect) return;
      if (this.#setEarly(redirect)) this.#options.onChange();
      else this.#tick();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      if (!(error instanceof BgpEngineError)) log.error({ err: error }, "look at what neighbours tell");
      this.engineGone();
    }
  }
}
