import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { FEED_PORT } from "../core/ownership.ts";
import { connectionUser } from "../io/connection-user.ts";
import { NOTIFY_CEASE, NOTIFY_HOLD_TIMER } from "../wire/bgp/decode-error.ts";
import { encodeKeepalive } from "../wire/bgp/message.ts";
import { encodeNotification } from "../wire/bgp/notification.ts";
import { type FeedEvent, ReceiverSession, SessionEnd } from "./bgp-session.ts";

export interface BgpFeedOptions {
  /** The speaker's own AS number: the session is iBGP. */
  readonly asn: number;
  /** Dotted quad, not the speaker's own (RFC 4271 section 6.8): see feedRouterId. */
  readonly routerId: string;
  /**
   * Called in order, one event at a time; while its promise is pending nothing more is read from the engine. What it
   * throws ends the session with a `down` event.
   */
  readonly onEvent: (event: FeedEvent) => void | Promise<void>;
  /** Ends the feed: socket closed, a last `down` if a session was up. */
  readonly signal: AbortSignal;
  /** FEED_PORT unless told; 0 for any. */
  readonly port?: number;
  /** Proposed hold time, 30 unless told. */
  readonly holdS?: number;
  /** Nothing has come over an established session for QUIET_MS; once until something comes. */
  readonly onQuiet?: () => void;
  /** Whether a process of this user may be the engine: every program of this machine can connect to ::1. */
  readonly mayFeed: (user: number) => Promise<boolean>;
  /** A connection was turned away before anything was read from it. */
  readonly onStranger?: (reason: string) => void;
}

/** Connections of which it is not known yet whose they are. */
const MAX_UNKNOWN = 64;

/** The engine sends a keepalive every second (core/bgp/compile.ts), so this is half a second too late. */
const QUIET_MS = 1_500;

export interface BgpFeed extends AsyncDisposable {
  readonly port: number;
  /** True between `up` and `down`. */
  readonly established: boolean;
  /** True while it is established and something has come within QUIET_MS. */
  readonly heard: boolean;
}

/** A router id for the feed that no router has: class E, the speaker's own lower bits. */
export function feedRouterId(speaker: string): string {
  const parts = speaker.split(".").map(Number);
  return [240 | ((parts[0] ?? 0) & 15), parts[1] ?? 0, parts[2] ?? 0, parts[3] ?? 0].join(".");
}

/**
 * Listens on ::1 for the local engine and passes its best paths on. Before a word is read, the kernel says whose process it is
 * that has connected. One session at a time: a second connection is refused while one is established, and replaces one that is not. Throws the listener's error (EADDRINUSE…).
 */
export async function startBgpFeed(options: BgpFeedOptions): Promise<BgpFeed> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const holdS = options.holdS ?? 30;
  const settings = { asn: options.asn, routerId: options.routerId, holdS };
  let current: { readonly session: ReceiverSession; readonly socket: Socket } | undefined;
  const running = new Set<Promise<void>>();
  const life: Life = { quiet: false };
  let order: Promise<void> = Promise.resolve();

  let unknown = 0;

  const accept = async (socket: Socket): Promise<void> => {
    socket.on("error", () => undefined); // reported through the read loop
    if (unknown >= MAX_UNKNOWN) {
      socket.destroy();
      return;
    }
    unknown++;
    const reason = await whyStranger(socket, options.mayFeed);
    unknown--;
    if (reason === undefined) {
      admit(socket);
      return;
    }
    socket.destroy();
    options.onStranger?.(reason);
  };

  const admit = (socket: Socket): void => {
    if (current?.session.established === true || signal.aborted) {
      socket.end(encodeNotification(NOTIFY_CEASE, 5));
      return;
    }
    current?.socket.destroy();
    const session = new ReceiverSession(settings);
    current = { session, socket };
    // sessions follow one another: the `down` of one is delivered before the `up` of the next
    const run = order
      .then(() => runSession(socket, session, options, life, signal))
      .finally(() => {
        if (current?.session === session) current = undefined;
        running.delete(run);
      });
    order = run;
    running.add(run);
  };

  const server: Server = createServer({ noDelay: true }, (socket) => void accept(socket));
  server.listen(options.port ?? FEED_PORT, "::1");
  await once(server, "listening", { signal });
  const address = server.address();
  const close = async (): Promise<void> => {
    stop.abort();
    server.close();
    await Promise.allSettled(running);
  };
  signal.addEventListener("abort", () => server.close(), { once: true });
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get established() {
      return current?.session.established ?? false;
    },
    get heard() {
      return !life.quiet && (current?.session.established ?? false);
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Why a connection is not the engine's; undefined when it is. What cannot be known is not trusted. */
async function whyStranger(socket: Socket, mayFeed: BgpFeedOptions["mayFeed"]): Promise<string | undefined> {
  try {
    const user = await connectionUser(socket);
    if (user === undefined) return "its process closed it at once";
    return (await mayFeed(user)) ? undefined : `its process belongs to user ${user}`;
  } catch (error) {
    return `whose it is cannot be found out: ${describe(error)}`;
  }
}

/** Whether the engine has been quiet for too long. */
interface Life {
  quiet: boolean;
}

/** One connection from accept to its end. Never throws. */
async function runSession(
  socket: Socket,
  session: ReceiverSession,
  { onEvent, onQuiet }: BgpFeedOptions,
  life: Life,
  signal: AbortSignal,
): Promise<void> {
  let up = false;
  let reason = "connection closed";
  const over = new AbortController();
  const hold = { lastMs: performance.now(), busy: false };
  const onAbort = (): void => {
    reason = "feed stopped";
    socket.end(encodeNotification(NOTIFY_CEASE, 2));
    socket.destroySoon();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  const timers = keepTime(socket, session, hold, over.signal, (text) => {
    reason = text;
  });
  const quiet = setTimeout(() => {
    life.quiet = true;
    if (session.established) onQuiet?.();
  }, QUIET_MS);
  try {
    if (signal.aborted) onAbort();
    for await (const chunk of socket) {
      hold.lastMs = performance.now();
      life.quiet = false;
      quiet.refresh();
      hold.busy = true;
      const { events, send } = session.receive(chunk as Uint8Array);
      for (const bytes of send) socket.write(bytes);
      for (const event of events) {
        if (event.type === "up") up = true;
        await onEvent(event);
      }
      hold.busy = false;
      hold.lastMs = performance.now();
    }
  } catch (error) {
    if (!signal.aborted && reason === "connection closed") reason = describe(error);
    if (error instanceof SessionEnd && error.notify !== undefined) {
      socket.write(encodeNotification(...error.notify));
    }
  }
  signal.removeEventListener("abort", onAbort);
  clearTimeout(quiet);
  over.abort();
  socket.destroySoon();
  await timers;
  if (!up) return;
  try {
    await onEvent({ type: "down", reason });
  } catch {
    // the consumer failed once more; there is nobody left to tell
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Keepalives out, and the hold timer in (RFC 4271 section 6.5); the time our own consumer takes does not count. */
async function keepTime(
  socket: Socket,
  session: ReceiverSession,
  hold: { readonly lastMs: number; readonly busy: boolean },
  over: AbortSignal,
  expired: (reason: string) => void,
): Promise<void> {
  while (!over.aborted) {
    const holdMs = session.holdS * 1000;
    try {
      await sleep(holdMs === 0 ? 1000 : holdMs / 3, undefined, { signal: over });
    } catch {
      return;
    }
    if (holdMs === 0) continue;
    if (!hold.busy && performance.now() - hold.lastMs > holdMs) {
      expired("hold timer expired");
      socket.write(encodeNotification(NOTIFY_HOLD_TIMER, 0));
      socket.destroySoon();
      return;
    }
    if (session.established) socket.write(encodeKeepalive());
  }
}
