import type { PathEvent } from "../paths/watch-state.ts";
import type { EpeEvent } from "./epe-event.ts";
import type { HealthEvent } from "./health-event.ts";
import type { RolloutEvent } from "./rollout-event.ts";

/** What goes out to people and their programs. */
export type Notice = EventNotice | HeartbeatNotice | TestNotice;

/** Those that are worth keeping over a restart until they have arrived. */
export type EventNotice = PathNotice | RolloutNotice | EpeNotice | HealthNotice;

export function isEventNotice(notice: Notice): notice is EventNotice {
  return isEventKind(notice.kind);
}

export function isEventKind(kind: unknown): kind is EventNotice["kind"] {
  return kind === "path" || kind === "rollout" || kind === "epe" || kind === "health";
}

interface NoticeBase {
  /** Unique; receivers remember it for the replay window and take each but once. */
  readonly id: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
}

export interface PathNotice extends NoticeBase {
  readonly kind: "path";
  readonly event: PathEvent;
}

export interface RolloutNotice extends NoticeBase {
  readonly kind: "rollout";
  readonly event: RolloutEvent;
}

export interface EpeNotice extends NoticeBase {
  readonly kind: "epe";
  readonly event: EpeEvent;
}

export interface HealthNotice extends NoticeBase {
  readonly kind: "health";
  readonly event: HealthEvent;
}

/**
 * Proves that the way of alarms works. The receiver's part: after `everyS` × 3 seconds without one (heartbeatMissing),
 * it raises the alarm itself, for then no other notice would arrive either.
 */
export interface HeartbeatNotice extends NoticeBase {
  readonly kind: "heartbeat";
  /** Name of the sender. */
  readonly from: string;
  /** Seconds to the next one. */
  readonly everyS: number;
  /** Counts up from 1 since the sender started: gaps are lost notices. */
  readonly sequence: number;
}

/** Somebody pressed "test". */
export interface TestNotice extends NoticeBase {
  readonly kind: "test";
  readonly from: string;
  readonly by: string;
}

export const HEARTBEATS_MISSED = 3;

/** The receiver's side: whether the last heartbeat, received at `receivedAt` (milliseconds), is too long ago. */
export function heartbeatMissing(everyS: number, receivedAt: number, now: number): boolean {
  return now - receivedAt > everyS * HEARTBEATS_MISSED * 1000;
}
