import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { Logger } from "pino";
import { ageOf, askEveryMs, Heard, heardAgo, type Moment } from "../core/epe-keep.ts";
import { CheckedFile, writeWhole } from "../io/checked-file.ts";

export interface EpeGateOptions {
  readonly stateDir: string;
  /** Boot, monotonic and wall clock. */
  readonly now: () => Moment;
  readonly log: Logger;
  /** Overrides may stand that might not before, or the other way round. */
  readonly onChange: () => void;
  /** A sign of life is wanted from the controller. */
  readonly ask: () => void;
}

export type EpeState = "on" | "off" | "aged";

/** The longest time that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Whether overrides may stand: not while an operator has switched them off on this router, and those of part `epe` not once the
 * controller has not been heard for longer than it has them kept. Both outlive the program.
 */
export class EpeGate implements Disposable {
  readonly #options: EpeGateOptions;
  readonly #flag: string;
  readonly #file: CheckedFile<typeof Heard>;
  #heard: Heard | undefined;
  /** Undefined until the first document. */
  #keepMs: number | undefined;
  #off: string | undefined;
  #aged = false;
  #expiry: NodeJS.Timeout | undefined;
  #asking: NodeJS.Timeout | undefined;

  constructor(options: EpeGateOptions) {
    this.#options = options;
    const { stateDir, log } = options;
    this.#flag = offFlag(stateDir);
    this.#file = new CheckedFile(join(stateDir, "epe-heard.json"), Heard);
    const { value, fault } = this.#file.read();
    if (fault !== undefined) log.warn({ reason: fault }, "when the controller was last heard is not known");
    this.#heard = value;
    const now = options.now();
    // From here on this boot's monotonic clock is the witness.
    if (value !== undefined && value.boot !== now.boot) this.#write(ageOf(value, now));
    this.#off = readOff(this.#flag);
  }

  get state(): EpeState {
    return this.#off !== undefined ? "off" : this.#aged ? "aged" : "on";
  }

  /** Milliseconds since the controller gave a sign of life; undefined where nobody asks for one. */
  get heardAgoMs(): number | undefined {
    if (this.#heard === undefined || !this.#keepMs) return undefined;
    return Math.round(ageOf(this.#heard, this.#options.now()));
  }

  /** Why some or all overrides do not stand, for a condition; undefined when they may. */
  get reason(): string | undefined {
    if (this.#off !== undefined)
      return `switched off on this router at ${this.#off}: no override stands until vsix-agent epe on`;
    if (!this.#aged) return undefined;
    const agoS = Math.round((this.heardAgoMs ?? 0) / 1000);
    return `the controller was last heard ${agoS} s ago and has overrides kept for ${(this.#keepMs ?? 0) / 1000} s: BGP decides`;
  }

  /** A document is in force. */
  configure(epe: EpePart | undefined): void {
    const keepMs = (epe?.keepS ?? 0) * 1000;
    // Who did not ask until now has nothing to hold against the controller whose document this is.
    if (keepMs > 0 && (this.#heard === undefined || this.#keepMs === 0)) this.#write(0);
    if (keepMs !== this.#keepMs) {
      this.#keepMs = keepMs;
      clearInterval(this.#asking);
      this.#asking = keepMs === 0 ? undefined : setInterval(() => this.#ask(), askEveryMs(keepMs / 1000));
      if (keepMs > 0) this.#options.ask();
    }
    this.#look();
  }

  /** The controller has answered a question that was asked just now. */
  heard(): void {
    if (!this.#keepMs) return;
    this.#write(0);
    this.#look();
  }

  /** Switches all overrides off or on again. Throws what the disk says: what a restart would not know of is not done. */
  switch(on: boolean): void {
    if (on) rmSync(this.#flag, { force: true });
    else if (this.#off === undefined) writeOff(this.#flag, this.#options.now().wallMs);
    this.lookAtFlag();
  }

  /** Another program may have switched them while this one did not answer. */
  lookAtFlag(): void {
    const off = readOff(this.#flag);
    if (off === this.#off) return;
    this.#off = off;
    this.#options.log.warn(
      { off: off !== undefined },
      `overrides are switched ${off === undefined ? "on" : "off"}`,
    );
    this.#options.onChange();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#expiry);
    clearInterval(this.#asking);
  }

  /** Also notes the age, for a reboot that takes the monotonic clock away. */
  #ask(): void {
    if (this.#heard !== undefined) this.#write(ageOf(this.#heard, this.#options.now()));
    this.#options.ask();
  }

  #write(ageMs: number): void {
    this.#heard = heardAgo(ageMs, this.#options.now());
    try {
      this.#file.write(this.#heard);
    } catch (error) {
      // In memory it holds; a restart would count from what is on the disk, which is earlier.
      this.#options.log.warn({ err: error }, "when the controller was last heard could not be written");
    }
  }

  #look(): void {
    clearTimeout(this.#expiry);
    const before = this.#aged;
    if (!this.#keepMs || this.#heard === undefined) this.#aged = false;
    else {
      const leftMs = this.#keepMs - ageOf(this.#heard, this.#options.now());
      this.#aged = leftMs <= 0;
      if (leftMs > 0)
        this.#expiry = setTimeout(() => this.#look(), Math.min(MAX_TIMER_MS, Math.ceil(leftMs)));
    }
    if (before === this.#aged) return;
    this.#options.log.warn({ state: this.state, reason: this.reason ?? null }, "overrides of part epe");
    this.#options.onChange();
  }
}

/** The file whose being there means: switched off. */
export function offFlag(stateDir: string): string {
  return join(stateDir, "epe.off");
}

/** Throws what the disk says. */
export function writeOff(flag: string, wallMs: number): void {
  writeWhole(flag, Buffer.from(`${new Date(wallMs).toISOString()}\n`));
}

/** When it was switched off, as the file tells; undefined when it is on. */
export function readOff(flag: string): string | undefined {
  if (!existsSync(flag)) return undefined;
  try {
    const text = readFileSync(flag, "utf8").trim();
    return Number.isNaN(Date.parse(text)) ? "an unknown time" : text.slice(0, 32);
  } catch {
    return "an unknown time";
  }
}
