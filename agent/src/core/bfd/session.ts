import { BFD_DIAGNOSTIC, type BfdControl, type BfdState } from "../../wire/bfd/control.ts";

/** What is wanted of one session. */
export interface BfdSettings {
  /** Between packets, each way: what we desire to send and what we require to receive. */
  readonly intervalMs: number;
  /** Intervals without a packet after which the neighbour takes us for gone; we count with its own multiplier. */
  readonly multiplier: number;
}

/** Why a session left or entered the state Up. */
export type BfdReason =
  | "established"
  | "timeout" // nothing came for the detection time
  | "signalled" // the neighbour says that it does not hear us
  | "restarted" // the neighbour begins anew: it knows of no failure
  | "administrative"; // the neighbour ended the session on purpose

export interface BfdChange {
  readonly up: boolean;
  readonly reason: BfdReason;
}

/** RFC 5880 section 6.8.3: while a session is not up, a second between packets at least. */
const SLOW_MS = 1_000;
/** Section 6.8.7: what an interval is shortened by at most. */
const JITTER = 0.25;

/**
 * One BFD session, asynchronous mode (RFC 5880): states, timers and Poll sequences. Pure: time comes in, packets come in
 * and go out as values, randomness is a number. Which session a packet belongs to is decided before (sensors/bfd.ts).
 * Names of section 6.8.1 are kept where they say more than ours would.
 */
export class BfdSession {
  readonly #localDiscriminator: number;
  #settings: BfdSettings;
  #state: BfdState = "down";
  #diagnostic: number = BFD_DIAGNOSTIC.NONE;
  #remoteState: BfdState = "down";
  #remoteDiscriminator = 0;
  #remoteMinRxUs = 1;
  #remoteMinTxUs = 0;
  #remoteMultiplier = 0;
  #remoteDemand = false;
  /** A Poll sequence is under way (section 6.5). */
  #polling = false;
  #finalOwed = false;
  /** What is counted with; the settings once a Poll sequence has told the neighbour (section 6.8.3). */
  #txMs: number;
  #rxMs: number;
  #sentMs = Number.NEGATIVE_INFINITY;
  #sendMs: number;
  #heardMs = Number.NEGATIVE_INFINITY;

  /** @param localDiscriminator 32 bit, not 0, unique on this machine and hard to guess (section 9). */
  constructor(localDiscriminator: number, settings: BfdSettings, nowMs: number) {
    this.#localDiscriminator = localDiscriminator;
    this.#settings = settings;
    this.#txMs = settings.intervalMs;
    this.#rxMs = settings.intervalMs;
    this.#sendMs = nowMs;
  }

  get state(): BfdState {
    return this.#state;
  }

  /** What packets from the neighbour carry as theirs; 0 while there are none. */
  get remoteDiscriminator(): number {
    return this.#remoteDiscriminator;
  }

  /** Milliseconds between our packets, before jitter (section 6.8.2). */
  get transmitIntervalMs(): number {
    const desiredMs = this.#state === "up" ? this.#txMs : Math.max(SLOW_MS, this.#settings.intervalMs);
    return Math.max(desiredMs, this.#remoteMinRxUs / 1000);
  }

  /** Milliseconds of silence after which the session is down (section 6.8.4). */
  get detectionMs(): number {
    return this.#remoteMultiplier * Math.max(this.#rxMs, this.#remoteMinTxUs / 1000);
  }

  /** When the detection time ends; Infinity when nothing is waited for. */
  get deadlineMs(): number {
    return this.#remoteDiscriminator === 0 ? Number.POSITIVE_INFINITY : this.#heardMs + this.detectionMs;
  }

  /** When {@link take} will have a packet again. */
  get sendMs(): number {
    if (this.#finalOwed) return Number.NEGATIVE_INFINITY;
    return this.#mayTransmit ? this.#sendMs : Number.POSITIVE_INFINITY;
  }

  /** New settings for a session that goes on (section 6.8.3): the careful value counts until the neighbour knows. */
  configure(settings: BfdSettings, nowMs: number): void {
    const before = this.#settings;
    this.#settings = settings;
    if (before.intervalMs === settings.intervalMs) return;
    if (this.#state === "up") {
      this.#txMs = Math.min(this.#txMs, settings.intervalMs);
      this.#rxMs = Math.max(this.#rxMs, settings.intervalMs);
      this.#polling = true;
    } else this.#settle();
    this.#reschedule(nowMs);
  }

  /**
   * Takes a packet that was found to be this session's: section 6.8.6 from "Set bfd.RemoteDiscr" on. Nothing may be
   * authenticated, since nothing here is: such a packet changes nothing.
   */
  receive(packet: BfdControl, nowMs: number): BfdChange | undefined {
    if (packet.authenticated) return undefined;
    this.#remoteDiscriminator = packet.myDiscriminator;
    this.#remoteState = packet.state;
    this.#remoteDemand = packet.demand;
    this.#remoteMinRxUs = packet.requiredMinRxUs;
    this.#remoteMinTxUs = packet.desiredMinTxUs;
    this.#remoteMultiplier = packet.detectMultiplier;
    if (this.#polling && packet.final) {
      this.#polling = false;
      this.#settle();
    }
    this.#heardMs = nowMs;
    if (this.#state === "admin-down") return undefined;
    const change = this.#follow(packet, nowMs);
    if (packet.poll) this.#finalOwed = true;
    this.#reschedule(nowMs);
    return change;
  }

  /** Notices that the detection time is over (section 6.8.4). */
  expire(nowMs: number): BfdChange | undefined {
    if (nowMs < this.deadlineMs) return undefined;
    this.#remoteDiscriminator = 0;
    this.#remoteMinRxUs = 1;
    this.#remoteDemand = false;
    this.#finalOwed = false;
    if (this.#state !== "up" && this.#state !== "init") return undefined;
    return this.#enter("down", BFD_DIAGNOSTIC.DETECTION_TIME_EXPIRED, nowMs, "timeout");
  }

  /** The packet that is due, if one is. `random` in [0, 1) shortens the time to the next (section 6.8.7). */
  take(nowMs: number, random: number): BfdControl | undefined {
    if (this.#finalOwed) {
      this.#finalOwed = false;
      return this.#packet(true);
    }
    if (nowMs < this.sendMs) return undefined;
    // With a multiplier of 1 the neighbour has no packet to lose: between 75 and 90 % (section 6.8.7).
    const least = this.#settings.multiplier === 1 ? 0.1 : 0;
    this.#sentMs = nowMs;
    this.#sendMs = nowMs + this.transmitIntervalMs * (1 - least - random * (JITTER - least));
    return this.#packet(false);
  }

  /** A packet may go that is due only within `slackMs`: not before an interval less its jitter is over. */
  isAlmostDue(nowMs: number, slackMs: number): boolean {
    if (this.sendMs <= nowMs) return true;
    return this.sendMs <= nowMs + slackMs && nowMs >= this.#sentMs + this.transmitIntervalMs * (1 - JITTER);
  }

  /** Brings a packet that is almost due forward to now. */
  advance(nowMs: number): void {
    this.#sendMs = Math.min(this.#sendMs, nowMs);
  }

  /** Ends the session on purpose (section 6.8.16): the packet that tells the neighbour not to take it for a failure. */
  shutDown(): BfdControl {
    this.#state = "admin-down";
    this.#diagnostic = BFD_DIAGNOSTIC.ADMINISTRATIVELY_DOWN;
    this.#polling = false;
    return this.#packet(false);
  }

  /** The state machine of section 6.2, as section 6.8.6 words it. */
  #follow({ state, diagnostic }: BfdControl, nowMs: number): BfdChange | undefined {
    const { NEIGHBOUR_SIGNALLED_DOWN, NONE } = BFD_DIAGNOSTIC;
    if (state === "admin-down") {
      if (this.#state === "down") return undefined;
      return this.#enter("down", NEIGHBOUR_SIGNALLED_DOWN, nowMs, "administrative");
    }
    if (this.#state === "down") {
      if (state === "down") return this.#enter("init", this.#diagnostic, nowMs, "established");
      if (state === "init") return this.#enter("up", NONE, nowMs, "established");
      return undefined;
    }
    if (this.#state === "init")
      return state === "down" ? undefined : this.#enter("up", NONE, nowMs, "established");
    if (state !== "down") return undefined;
    const reason = diagnostic === NONE ? "restarted" : "signalled";
    return this.#enter("down", NEIGHBOUR_SIGNALLED_DOWN, nowMs, reason);
  }

  #enter(state: BfdState, diagnostic: number, nowMs: number, reason: BfdReason): BfdChange | undefined {
    const wasUp = this.#state === "up";
    this.#state = state;
    this.#diagnostic = diagnostic;
    const up = state === "up";
    // Up means faster than a second between packets: the neighbour must hear of it (section 6.8.3).
    this.#polling = up;
    this.#settle();
    // Section 6.8.7: a packet whose contents differ from the last one's goes before its time.
    this.#sendMs = nowMs;
    return up === wasUp ? undefined : { up, reason };
  }

  #settle(): void {
    this.#txMs = this.#settings.intervalMs;
    this.#rxMs = this.#settings.intervalMs;
  }

  /** An interval that has become shorter holds at once; one that has become longer, too (section 6.8.2). */
  #reschedule(nowMs: number): void {
    if (this.#sendMs <= nowMs) return;
    const intervalMs = this.transmitIntervalMs;
    const latestMs = this.#sentMs + intervalMs;
    const earliestMs = this.#sentMs + intervalMs * (1 - JITTER);
    this.#sendMs = Math.max(Math.min(this.#sendMs, latestMs), earliestMs);
  }

  get #mayTransmit(): boolean {
    if (this.#state === "admin-down" || this.#remoteMinRxUs === 0) return false;
    // Demand mode of the neighbour (section 6.6): nothing periodic while both are up, but for a Poll sequence.
    const quiet = this.#remoteDemand && this.#state === "up" && this.#remoteState === "up";
    return !quiet || this.#polling;
  }

  #packet(final: boolean): BfdControl {
    const intervalMs = this.#settings.intervalMs;
    const desiredMs = this.#state === "up" ? intervalMs : Math.max(SLOW_MS, intervalMs);
    return {
      diagnostic: this.#diagnostic,
      state: this.#state,
      // Never both (section 6.8.7).
      poll: this.#polling && !final,
      final,
      independent: false,
      authenticated: false,
      demand: false,
      detectMultiplier: this.#settings.multiplier,
      myDiscriminator: this.#localDiscriminator,
      yourDiscriminator: this.#remoteDiscriminator,
      desiredMinTxUs: desiredMs * 1000,
      requiredMinRxUs: intervalMs * 1000,
      requiredMinEchoRxUs: 0,
    };
  }
}
