import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Speaker } from "../../core/bgp/speaker.ts";
import type { ToldRoute } from "../../core/egress/route-rows.ts";

export type BgpEngineErrorCode =
  /** No engine answers; try again later. */
  | "bgp-unavailable"
  /** The engine refuses what it was told. */
  | "bgp-refused";

export class BgpEngineError extends VsixError<BgpEngineErrorCode> {}

export interface SessionState {
  /** Name of the neighbouring node. */
  readonly neighbour: string;
  readonly address: string;
  readonly state: "unknown" | "idle" | "connect" | "active" | "opensent" | "openconfirm" | "established";
  /** `prefix-limit`: closed by the engine because the neighbour announced too much. */
  readonly admin: "up" | "down" | "prefix-limit";
  /** Prefixes. */
  readonly received: number;
  readonly accepted: number;
  /** Epoch seconds of the last transition to Established; 0 when never. */
  readonly upSince: number;
  /** Why it is down, where known. */
  readonly note?: string;
}

export interface ReconcileResult {
  /** What was done, one line each; empty when the engine already matched. */
  readonly changed: readonly string[];
  /** The engine had lost what this driver had given it, and was configured as a restarting speaker (RFC 4724). */
  readonly restarted: boolean;
  /**
   * False: a change of policy, made from what the driver knew without looking at the engine first, because traffic waits
   * for it. The next reconcile looks.
   */
  readonly verified: boolean;
}

/** A BGP engine that can be made to match a Speaker. GoBGP today; BIRD by file and control socket later. */
export interface BgpEngine {
  /** Changes what differs and nothing else. Throws BgpEngineError; calling again goes on from where it stopped. */
  reconcile(speaker: Speaker, signal: AbortSignal): Promise<ReconcileResult>;
  /** What reconcile would do. Changes nothing. Throws BgpEngineError. */
  plan(speaker: Speaker, signal?: AbortSignal): Promise<readonly string[]>;
  /** Every session but the one to our own receiver. Throws BgpEngineError. */
  sessions(signal?: AbortSignal): Promise<readonly SessionState[]>;
  /**
   * Calls `onChange` at the beginning, and whenever a session comes up, goes down or is switched. Returns when the engine
   * ends it or the signal aborts. Throws BgpEngineError.
   */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>;
  /**
   * By prefix, the addresses of the neighbours from which the engine holds a path: accepted, and told in the present
   * session. Exact look-ups, cheap whatever the table's size. Throws BgpEngineError.
   */
  told(prefixes: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /**
   * The routes of one neighbour that cover these addresses best, each once, in order of prefixes. The neighbour's Adj-RIB-In is
   * walked once, however many addresses there are. Throws BgpEngineError.
   */
  routesTowards(
    neighbour: string,
    addresses: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly ToldRoute[]>;
  /**
   * For each of these addresses the longest prefix in the engine's own table, and the address of the neighbour whose path it uses;
   * exact look-ups. Throws BgpEngineError.
   */
  choices(addresses: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * Closes a session at once (a link event: routes through it go now, no graceful restart), or lets it come back.
   * Remembered: reconcile does not undo it. Throws BgpEngineError.
   */
  setPeerEnabled(address: string, enabled: boolean, reason: string): Promise<void>;
}
