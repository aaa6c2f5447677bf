import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Speaker } from "../core/bgp/speaker.ts";
import { EnginePace } from "../core/engine-pace.ts";
import { type BgpEngine, BgpEngineError, type SessionState } from "../resources/bgp/engine.ts";
import { PeerSwitches } from "./peer-switches.ts";

export interface EngineLaneOptions {
  readonly engine: BgpEngine;
  readonly log: Logger;
  readonly onSessions: (sessions: readonly SessionState[]) => void;
  /** A question has gone unanswered for long; once per question. */
  readonly onSilent: () => void;
  /** After each attempt: the reason it failed, or null. */
  readonly onResult: (reason: string | null) => void;
  /** Whether the engine was heard of late by another way than by being asked. */
  readonly isHeard: () => boolean;
  /** Whether something waits for what the next look tells. */
  readonly isAwaited: () => boolean;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

const RETRY_MS = 500;
/** A change made without looking is checked after this long: not while routers have the change itself to work out. */
const VERIFY_MS = 250;
/** Sessions are looked at this often while something happens. */
const POLL_MS = 1_000;
/** At rest: a part of {@link EnginePace}'s time between looks. What is news wakes this loop by itself. */
const RESTING_POLL_MS = 2_500;
/** An engine that needs longer for an answer may be hung: well below the shortest hold time, three seconds. */
const SILENT_MS = 2_000;
/** The same where the best-path session has been quiet for as long as `isHeard` allows before it was asked. */
const SILENT_UNHEARD_MS = 1_200;
/** The whole engine is compared with what it should be this often, whatever it seems to be; more seldom at rest. */
const COMPARE_MS = 10_000;
const COMPARE_RESTING_MS = 60_000;

/**
 * Keeps the BGP engine at what it should be, beside the kernel's loop: a slow or absent engine never delays a route. Link
 * events take the fast path past any reconcile under way.
 */
export class EngineLane implements AsyncDisposable {
  readonly #options: EngineLaneOptions;
  readonly #abort = new AbortController();
  readonly #switches: PeerSwitches;
  #wake = new AbortController();
  #speaker: Speaker | undefined;
  #dirty = false;
  /** A look was asked for. */
  #asked = false;
  #verified = true;
  #converged = false;
  #comparedMs = Number.NEGATIVE_INFINITY;
  readonly #pace = new EnginePace();
  readonly #watching: Promise<void>;
  readonly #loop: Promise<void>;

  constructor(options: EngineLaneOptions) {
    this.#options = options;
    this.#switches = new PeerSwitches(options.engine, options.log);
    this.#loop = this.#run();
    this.#watching = this.#watch();
  }

  /** True when the engine is known to match the last speaker given. */
  get converged(): boolean {
    return this.#converged && this.#verified && !this.#dirty;
  }

  get speaker(): Speaker | undefined {
    return this.#speaker;
  }

  /** What the engine would be told now, one line each. An engine that is not there hides nothing of the kernel's plan. */
  async preview(): Promise<readonly string[]> {
    const { speaker } = this;
    if (speaker === undefined) return [];
    try {
      return (await this.#options.engine.plan(speaker)).map((line) => `~ bgp ${line}`);
    } catch (error) {
      if (error instanceof BgpEngineError) return [`! bgp: ${error.message}`];
      throw error;
    }
  }

  setSpeaker(speaker: Speaker): void {
    this.#speaker = speaker;
    this.#dirty = true;
    this.stir();
    this.#wake.abort();
  }

  /** Something happens that BGP has to do with: the engine is looked at every second for a while. */
  stir(): void {
    this.#pace.stir(this.#options.now());
  }

  /** The engine has not been heard for longer than it should be silent. */
  lookNow(): void {
    this.stir();
    this.#asked = true;
    this.#wake.abort();
  }

  /** Closes or reopens the session to a neighbour whose link has gone or come. */
  setPeerEnabled(address: string, enabled: boolean, reason: string): void {
    this.#switches.set(address, enabled, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    await Promise.all([this.#loop, this.#watching]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const ok = await this.#once(signal);
      if (this.#dirty && ok) continue;
      await this.#pause(!ok ? RETRY_MS : this.#verified ? POLL_MS : VERIFY_MS);
      while (this.#mayRest() && !signal.aborted) await this.#pause(RESTING_POLL_MS);
    }
  }

  /** Nothing is known to be going on, and the engine would tell: what it says is asked only now and then. */
  #mayRest(): boolean {
    const { isAwaited, isHeard, now } = this.#options;
    if (!this.converged || this.#asked || !isHeard() || isAwaited()) return false;
    return this.#pace.mayRest(now());
  }

  /** At once when it rests; otherwise the next look is near, and many changes are told together. */
  #changed(): void {
    if (this.#pace.isResting) this.lookNow();
    else this.stir();
  }

  /** The engine says itself when a session changes; while nobody listens it is asked every second. */
  async #watch(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        if (this.#converged)
          await this.#options.engine.watch(() => {
            this.#pace.listening = true;
            this.#changed();
          }, signal);
      } catch (error) {
        if (!(error instanceof BgpEngineError)) this.#options.log.error({ err: error }, "bgp watch");
      }
      this.#changed();
      this.#pace.listening = false;
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Whether the engine could be asked. */
  async #once(signal: AbortSignal): Promise<boolean> {
    const { engine, log, isHeard, now, onResult, onSessions, onSilent } = this.#options;
    const speaker = this.#speaker;
    if (speaker === undefined) return true;
    const compare =
      !this.converged || now() - this.#comparedMs >= (this.#pace.isResting ? COMPARE_RESTING_MS : COMPARE_MS);
    this.#dirty = false;
    this.#asked = false;
    this.#pace.looked(now());
    const silence = setTimeout(onSilent, isHeard() ? SILENT_MS : SILENT_UNHEARD_MS);
    try {
      if (compare) {
        const { changed, restarted, verified } = await engine.reconcile(speaker, signal);
        if (restarted)
          log.warn("the BGP engine had lost its configuration; given again as a graceful restart");
        for (const line of changed) log.info({ bgp: line }, "bgp");
        this.#converged = true;
        this.#verified = verified;
        this.#comparedMs = now();
        onResult(null);
      }
      const sessions = await engine.sessions(signal);
      // The feed is not among them. Fewer than asked for: the engine was restarted between two looks.
      if (sessions.length < speaker.neighbours.length - 1) this.#converged = false;
      this.#switches.check(sessions);
      this.#pace.seen(sessions, now());
      onSessions(sessions);
      return this.#converged;
    } catch (error) {
      if (signal.aborted) return false;
      this.#converged = false;
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof BgpEngineError)) log.error({ err: error }, "bgp lane");
      onResult(reason);
      return false;
    } finally {
      clearTimeout(silence);
    }
  }

  async #pause(ms: number): Promise<void> {
    this.#wake = new AbortController();
    if (this.#asked || (this.#dirty && this.#converged)) return;
    try {
      await delay(ms, undefined, { signal: this.#wake.signal });
    } catch {
      // woken
    }
  }
}
