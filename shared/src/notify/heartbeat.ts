import type { HeartbeatNotice } from "./notice.ts";

export interface HeartbeatOptions {
  /** Name of the sender. */
  readonly from: string;
  /** Milliseconds from one to the next; whole seconds. */
  readonly everyMs: number;
  readonly wallMs: () => number;
  /** Resolves after `ms`, or at once when aborted; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A new one each time. */
  readonly id: () => string;
  readonly send: (notice: HeartbeatNotice) => void;
  /** Something waits for this receiver already. */
  readonly isBusy: () => boolean;
}

/**
 * Sends heartbeats to one receiver, the first at once, until it is aborted. None joins a queue: an old heartbeat proves
 * nothing, and many of them would push out what people must hear. So a number that is missing was lost, never left out.
 */
export async function sendHeartbeats(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { from, everyMs, wallMs, sleep, id, send, isBusy } = options;
  for (let sequence = 0; !signal.aborted; await sleep(everyMs, signal)) {
    if (isBusy()) continue;
    sequence += 1;
    send({ kind: "heartbeat", id: id(), at: wallMs(), from, everyS: Math.round(everyMs / 1000), sequence });
  }
}
