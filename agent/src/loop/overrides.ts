import { readFileSync } from "node:fs";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { Logger } from "pino";
import type { OverrideOrders } from "../core/compile/overrides.ts";
import type { Moment } from "../core/epe-keep.ts";
import type { NetlinkSocket } from "../io/netlink.ts";
import { EpeGate, type EpeState } from "./epe-gate.ts";
import type { KernelState } from "./kernel-state.ts";
import { type OverrideStanding, standingFault } from "./override-standing.ts";
import { watchOverrides } from "./override-watch.ts";

export interface OverridesOptions {
  readonly stateDir: string;
  readonly log: Logger;
  readonly netlink: NetlinkSocket;
  readonly kernel: KernelState;
  /** The desired state has changed. */
  readonly onChange: () => void;
  /** What the kernel holds has to be looked at again. */
  readonly onDoubt: () => void;
  readonly askForLife: () => void;
  /** Waits until the kernel is as desired. */
  readonly settle: () => Promise<void>;
}

/** What `vsix-agent epe status --json` prints. */
export interface OverrideStatus {
  readonly state: EpeState;
  /** Why not `on`; null when it is. */
  readonly reason: string | null;
  /** Seconds for which part `epe` is kept without its controller; 0: without end. */
  readonly keepS: number;
  /** Seconds since the controller was heard; null where nobody asks. */
  readonly heardAgoS: number | null;
  readonly classes: readonly { readonly name: string; readonly overrides: number }[];
  readonly kernel: OverrideStanding;
  /** Overrides that cannot stand now: object to reason. */
  readonly waiting: Readonly<Record<string, string>>;
}

/** Somebody's change that was put right stays a condition for so long. */
const REMEMBER_MS = 600_000;

/** The overrides of this router: whether they may stand, whether they do, and what operators ask and say. */
export class Overrides implements Disposable {
  readonly #options: OverridesOptions;
  readonly #gate: EpeGate;
  readonly #watch: Disposable;
  #epe: EpePart | undefined;
  #fault: string | undefined;

  constructor(options: OverridesOptions) {
    this.#options = options;
    const { stateDir, log, netlink, kernel, onChange, onDoubt, askForLife } = options;
    this.#gate = new EpeGate({ stateDir, now: moment, log, onChange, ask: askForLife });
    this.#watch = watchOverrides(
      netlink,
      (message) => kernel.contradicts(message),
      () => {
        kernel.markOverrideKindsStale();
        onDoubt();
      },
    );
  }

  configure(epe: EpePart | undefined): void {
    this.#epe = epe;
    this.#gate.configure(epe);
  }

  get orders(): OverrideOrders {
    const { state } = this.#gate;
    return { epe: this.#epe, off: state === "off", aged: state === "aged" };
  }

  heard(): void {
    this.#gate.heard();
  }

  /** There is a connection to the controller: whether it lives is asked at once. */
  connected(): void {
    if ((this.#epe?.keepS ?? 0) > 0) this.#options.askForLife();
  }

  /** What stands is looked at between cycles only: amid one it is half made. */
  cycleDone(): void {
    this.#gate.lookAtFlag();
    this.#fault = standingFault(this.#options.kernel.overrides());
  }

  /** Overrides that stand on something else than what they were made of: an alarm. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Why overrides do not stand that the document asks for. */
  get waiting(): ReadonlyMap<string, string> {
    const { reason } = this.#gate;
    return new Map(reason === undefined ? [] : [["epe", reason]]);
  }

  get repaired(): ReadonlyMap<string, { readonly reason: string; readonly atMs: number }> {
    const { drift } = this.#options.kernel;
    if (drift === undefined || Date.now() - drift.atMs > REMEMBER_MS) return new Map();
    const { atMs, count, example } = drift;
    const reason = `somebody else changed ${count} of their objects in the kernel, which were put back: ${example}`;
    return new Map([["overrides", { reason, atMs }]]);
  }

  /** `off`, `on`: done once the kernel is so. `status`. */
  async command(word: string): Promise<OverrideStatus> {
    if (word === "off" || word === "on") {
      this.#gate.switch(word === "on");
      await this.#options.settle();
    } else if (word !== "status") throw new Error(`unknown: epe ${word}; known: epe off, epe on, epe status`);
    return this.#status();
  }

  [Symbol.dispose](): void {
    this.#gate[Symbol.dispose]();
    this.#watch[Symbol.dispose]();
  }

  #status(): OverrideStatus {
    const { kernel } = this.#options;
    const { state, reason, heardAgoMs } = this.#gate;
    const waiting = [...kernel.waiting()].filter(([object]) => object.startsWith("override"));
    return {
      state,
      reason: reason ?? null,
      keepS: this.#epe?.keepS ?? 0,
      heardAgoS: heardAgoMs === undefined ? null : Math.round(heardAgoMs / 1000),
      classes: (this.#epe?.classes ?? []).map(({ name, overrides }) => ({
        name,
        overrides: overrides.length,
      })),
      kernel: kernel.overrides(),
      waiting: Object.fromEntries(waiting.slice(0, 100)),
    };
  }
}

let boot: string | undefined;

/** process.hrtime is CLOCK_MONOTONIC since the boot, in every process alike (libuv, uv_hrtime). */
function moment(): Moment {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return { boot, monotonicMs: Number(process.hrtime.bigint() / 1_000_000n), wallMs: Date.now() };
}
