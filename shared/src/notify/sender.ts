import { VsixError } from "../errors/vsix-error.ts";
import type { Notice } from "./notice.ts";
import { jsonBody, slackBody } from "./render.ts";
import { SIGNATURE_HEADER, signBody } from "./sign.ts";

/** One receiver. Its URL may hold a secret (Slack's do): it is never logged. */
export interface Receiver {
  readonly name: string;
  readonly url: string;
  readonly format: "slack" | "json";
  /** Required for `json`. */
  readonly secret?: string;
}

/** What is posted, as fetch() takes it. */
export interface PostInit {
  readonly method: "POST";
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}

/** What the sender looks at of an answer. */
export interface PostAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: { cancel(): Promise<void> } | null;
}

export interface SenderOptions {
  /** fetch(), or less. */
  readonly fetch: (url: string, init: PostInit) => Promise<PostAnswer>;
  readonly wallMs: () => number;
  /** Resolves after `ms`, or at once when aborted; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
  /** `code` says why; never holds URL, secret or body. */
  readonly log: (receiver: string, outcome: "sent" | "retrying" | "dropped", code: string) => void;
  /** Plain HTTP to loopback only; for tests and relays on this machine. */
  readonly allowLoopbackHttp?: boolean;
  /** A notice has arrived or is given up: it waits no longer. */
  readonly onDone?: (receiver: string, notice: Notice) => void;
}

const TIMEOUT_MS = 10_000;
const MAX_QUEUE = 500;
const MAX_URL = 4096;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** What is older tells nobody anything. */
const MAX_AGE_MS = 24 * 3_600_000;

interface Lane {
  readonly receiver: Receiver;
  readonly queue: Notice[];
  /** Since the last one that arrived; told with the next. */
  dropped: number;
  droppedEver: number;
  running: Promise<void> | undefined;
}

/**
 * Sends notices to configured receivers, each in its own order and at its own pace. The first of a queue is tried until
 * it arrives, is refused for good (4xx, a redirect) or is a day old; a full queue drops its oldest waiting one, tests first.
 */
export class NoticeSender implements AsyncDisposable {
  readonly #options: SenderOptions;
  readonly #lanes: readonly Lane[];
  readonly #abort = new AbortController();

  /** Throws VsixError `bad-receiver`; no message repeats a URL. */
  constructor(receivers: readonly Receiver[], options: SenderOptions) {
    for (const receiver of receivers) checkReceiver(receiver, options.allowLoopbackHttp === true);
    this.#options = options;
    this.#lanes = receivers.map((receiver) => ({
      receiver,
      queue: [],
      dropped: 0,
      droppedEver: 0,
      running: undefined,
    }));
  }

  send(notice: Notice): void {
    if (this.#abort.signal.aborted) return;
    for (const lane of this.#lanes) {
      lane.queue.push(notice);
      if (lane.queue.length > MAX_QUEUE) this.#drop(lane, leastNeeded(lane.queue), "queue-full");
      lane.running ??= this.#run(lane);
    }
  }

  /** What waits and what was ever dropped, by receiver. */
  figures(): readonly { readonly name: string; readonly waiting: number; readonly dropped: number }[] {
    return this.#lanes.map(({ receiver, queue, droppedEver }) => ({
      name: receiver.name,
      waiting: queue.length,
      dropped: droppedEver,
    }));
  }

  /** What has not arrived at a receiver of this name, oldest first; the first is under way. */
  waiting(name: string): readonly Notice[] {
    return this.#lanes.filter(({ receiver }) => receiver.name === name).flatMap(({ queue }) => queue);
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.map(({ running }) => running));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.idle();
  }

  async #run(lane: Lane): Promise<void> {
    // Not before send() has noted that this runs.
    await Promise.resolve();
    const { signal } = this.#abort;
    let pauseMs = FIRST_PAUSE_MS;
    for (let notice = lane.queue[0]; notice !== undefined && !signal.aborted; notice = lane.queue[0]) {
      if (this.#options.wallMs() - notice.at > MAX_AGE_MS) {
        this.#drop(lane, 0, "too-old");
        continue;
      }
      const told = lane.dropped;
      const code = await this.#post(lane.receiver, notice, told);
      if (signal.aborted) break;
      if (code === "ok") {
        lane.queue.shift();
        lane.dropped -= told;
        pauseMs = FIRST_PAUSE_MS;
        this.#options.log(lane.receiver.name, "sent", code);
        this.#options.onDone?.(lane.receiver.name, notice);
      } else if (isFinal(code)) this.#drop(lane, 0, code);
      else {
        this.#options.log(lane.receiver.name, "retrying", code);
        await this.#options.sleep(pauseMs * (0.5 + this.#options.random() / 2), signal);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
    }
    lane.running = undefined;
  }

  #drop(lane: Lane, index: number, code: string): void {
    const [notice] = lane.queue.splice(index, 1);
    lane.dropped += 1;
    lane.droppedEver += 1;
    this.#options.log(lane.receiver.name, "dropped", code);
    if (notice !== undefined) this.#options.onDone?.(lane.receiver.name, notice);
  }

  /** `ok`, `http-STATUS`, or why there was no answer. */
  async #post({ url, format, secret }: Receiver, notice: Notice, dropped: number): Promise<string> {
    const body = format === "slack" ? slackBody(notice, dropped) : jsonBody(notice, dropped);
    const headers: Record<string, string> = { "content-type": "application/json" };
    // Signed anew for each try: a signature ages.
    if (secret !== undefined)
      headers[SIGNATURE_HEADER] = signBody(body, secret, this.#options.wallMs() / 1000);
    try {
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      // A redirect would lead to where nobody configured us to send.
      const answer = await this.#options.fetch(url, {
        method: "POST",
        body,
        headers,
        redirect: "manual",
        signal,
      });
      await answer.body?.cancel();
      return answer.ok ? "ok" : `http-${answer.status}`;
    } catch (error) {
      // The message may repeat the URL; name and code do not.
      const cause = error instanceof Error ? error.cause : undefined;
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
      return code ?? (error instanceof Error ? error.name : "failed");
    }
  }
}

/** The first is under way; order is kept by dropping behind it. Whoever may order tests must not push out alarms by them. */
function leastNeeded(queue: readonly Notice[]): number {
  const test = queue.findIndex(({ kind }, i) => i > 0 && kind === "test");
  return test < 0 ? 1 : test;
}

/** Redirects and refusals; not "too many" and "too early", which pass. */
function isFinal(code: string): boolean {
  return /^http-[34]\d\d$/.test(code) && !/^http-(408|425|429)$/.test(code);
}

function checkReceiver(receiver: Receiver, loopback: boolean): void {
  const fault = receiverFault(receiver, loopback);
  if (fault !== undefined) throw new VsixError("bad-receiver", `receiver ${receiver.name}: ${fault.why}`);
}

/** What is wrong with a receiver, and with which part of it. Never repeats its URL or secret. */
export interface ReceiverFault {
  readonly of: "url" | "secret";
  readonly why: string;
}

/** Undefined: it can be sent to. `loopback`: plain HTTP to this machine is allowed. */
export function receiverFault(
  { url, format, secret }: Receiver,
  loopback: boolean,
): ReceiverFault | undefined {
  if (url.length > MAX_URL || !URL.canParse(url)) return { of: "url", why: "its URL is none" };
  const { protocol, hostname, username, password } = new URL(url);
  const local = loopback && protocol === "http:" && (hostname === "127.0.0.1" || hostname === "[::1]");
  if (protocol !== "https:" && !local) return { of: "url", why: "its URL must begin with https://" };
  if (username !== "" || password !== "") return { of: "url", why: "no user or password goes into a URL" };
  if (format === "json" && (secret === undefined || secret.length < 16)) {
    return { of: "secret", why: "a json receiver needs a secret of at least 16 characters" };
  }
  return undefined;
}
