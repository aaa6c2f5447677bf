import { setTimeout as timerSleep } from "node:timers/promises";
import { Notifier, type NotifierOptions } from "@vsix/shared/notify/notifier.ts";
import type { ConfiguredReceiver } from "@vsix/shared/notify/receivers-file.ts";
import { post } from "../io/post.ts";
import type { Outcome, WatchVoice } from "./voice.ts";

/** Resolves after `ms`, or at once when aborted; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await timerSleep(ms, undefined, { signal });
  } catch {
    // Aborted: whoever sleeps looks at the signal.
  }
}

export interface TellingOptions {
  /** Name in heartbeats and tests. */
  readonly from: string;
  readonly newId: () => string;
  /** In [0, 1). */
  readonly random: () => number;
  readonly wallMs: () => number;
  readonly voice: Pick<WatchVoice, "receiver">;
  readonly onDone?: NotifierOptions["onDone"];
}

/** A notifier over this machine's network. What becomes of tries is said when it changes. */
export function openNotifier({ voice, onDone, ...options }: TellingOptions): Notifier {
  const last = new Map<string, Outcome>();
  return new Notifier({
    ...options,
    fetch: post,
    sleep: pause,
    log: (receiver, outcome, code) => {
      const before = last.get(receiver);
      last.set(receiver, outcome);
      if (outcome === "dropped" || outcome !== (before ?? "sent")) voice.receiver(receiver, outcome, code);
    },
    ...(onDone === undefined ? {} : { onDone }),
  });
}

/** Waits until nothing waits any more, or so long. */
export async function drained(notifier: Notifier, ms: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([notifier.idle(), pause(ms, over.signal)]);
  over.abort();
}

export interface Tested {
  readonly name: string;
  readonly outcome: "arrived" | "refused" | "not-arrived";
  /** `ok`, `http-STATUS`, or why there was no answer; of the newest try. */
  readonly code: string;
}

/** Tries that fail before a test is over: one may be an accident. */
const TEST_TRIES = 2;

/** Sends a test to every receiver by the way that alarms take, and waits up to `waitMs` for them to arrive or to fail twice. */
export async function testReceivers(
  receivers: readonly ConfiguredReceiver[],
  by: string,
  waitMs: number,
  options: Omit<TellingOptions, "voice" | "onDone">,
): Promise<readonly Tested[]> {
  const tested = new Map<string, Tested & { readonly tries: number }>();
  const over = new AbortController();
  await using notifier = new Notifier({
    ...options,
    fetch: post,
    sleep: pause,
    log: (name, outcome, code) => {
      const tries = (tested.get(name)?.tries ?? 0) + 1;
      const came = { sent: "arrived", dropped: "refused", retrying: "not-arrived" } as const;
      tested.set(name, { name, outcome: came[outcome], code, tries });
      const all = [...tested.values()];
      if (all.length < receivers.length) return;
      if (all.every((one) => one.outcome !== "not-arrived" || one.tries >= TEST_TRIES)) over.abort();
    },
  });
  // No heartbeat: one of a test says nothing of the watch.
  await notifier.use(receivers.map(({ heartbeatMs: _, ...receiver }) => receiver));
  notifier.test(by);
  await pause(waitMs, over.signal);
  return receivers.map(({ name }) => {
    const { outcome = "not-arrived", code = "no answer yet" } = tested.get(name) ?? {};
    return { name, outcome, code };
  });
}
