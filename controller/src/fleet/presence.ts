import type { Alive } from "@vsix/shared/contract/up.ts";

/** What is known of one node's life. Times are on the controller's monotonic clock, milliseconds. */
export interface Presence {
  readonly instance: string;
  readonly beat: number;
  readonly agentVersion: string;
  /** When its beat last grew; undefined while only a retained message was seen. */
  readonly renewedAtMs: number | undefined;
}

/**
 * What an `alive` message changes. Only a beat that grew, or a new instance, renews the lease: a message that the broker
 * had kept proves nothing, and neither does a last will.
 */
export function renew(
  before: Presence | undefined,
  message: Alive,
  arrival: { readonly atMs: number; readonly replayed: boolean },
): Presence {
  const sameInstance = before?.instance === message.instance;
  const grew = !sameInstance || message.beat > before.beat;
  const proves = message.state === "online" && !arrival.replayed && grew;
  return {
    instance: message.instance,
    beat: sameInstance ? Math.max(before.beat, message.beat) : message.beat,
    agentVersion: message.agentVersion,
    renewedAtMs: proves ? arrival.atMs : before?.renewedAtMs,
  };
}

/** Whether the lease still runs. */
export function isOnline(presence: Presence | undefined, nowMs: number, leaseMs: number): boolean {
  return presence?.renewedAtMs !== undefined && nowMs - presence.renewedAtMs < leaseMs;
}
