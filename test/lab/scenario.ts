import type { BrokerKind } from "./programs.ts";
import type { ScenarioContext } from "./scenario-context.ts";
import type { FlowFigures } from "./traffic.ts";

/** What a scenario counted. Every number comes from the namespaces, none from what the product says of itself. */
export interface Figures {
  readonly flows: readonly FlowFigures[];
  /** Milliseconds, by what was timed. */
  readonly timesMs?: Readonly<Record<string, number>>;
  /** Planes observed by port counters, by moment: `{ before: { outbound: "blue", inbound: "blue" } }`. */
  readonly planes?: Readonly<Record<string, unknown>>;
  /** Anything else worth printing. */
  readonly other?: Readonly<Record<string, unknown>>;
}

/** Kernel that a scenario needs; where the running one lacks it, the scenario runs in a guest kernel (guest.ts). */
export interface KernelNeeds {
  /** Devices that it must make, each as the arguments of `ip link add NAME type`. */
  readonly makes: readonly (readonly string[])[];
  /** Simulated radios (mac80211_hwsim) that nobody has taken; and the programs for them, which `scripts/setup` unpacks. */
  readonly radios?: number;
  /** Of the guest: `4096M`. */
  readonly memory: string;
  /** The guest is ended then; seconds. */
  readonly limitS: number;
  /** How long its network may take to converge in a guest, which has one processor; seconds. */
  readonly convergeS: number;
}

/** Something the lab can prove, on a network of its own, alone. */
export interface Scenario {
  /** Topic and name: `steer-both-ways`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Fabric file it runs on unless told otherwise, relative to the repository. */
  readonly fabric: string;
  /** Broker of its lab; the one inside the controller unless told. */
  readonly broker?: BrokerKind;
  /** Its controller shows the web application (portalOrigin in programs.ts), for browsers in the lab's namespaces. */
  readonly portal?: boolean;
  /** Undefined: any. */
  readonly kernel?: KernelNeeds;
  /** Takes minutes and shows nothing that a shorter one does not: left out of the tests, for people to run. */
  readonly long?: boolean;
  /**
   * What it does to its lab it undoes, and it asks nothing of what was there before it: another one may be tested on the same
   * lab afterwards, if that looks as it did (shared-lab.ts).
   */
  readonly leavesAsFound?: boolean;
  /** Does it. What must hold goes through `context.check`; anything thrown is a failure too. */
  readonly run: (context: ScenarioContext) => Promise<Figures>;
}

export interface ScenarioResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why not, one line each. */
  readonly reason?: string;
  readonly figures: Figures;
  /** Wall clock, with the lab's coming up. */
  readonly seconds: number;
}
