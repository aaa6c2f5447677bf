import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { type Evidence, flowKey } from "../core/trace/identify.ts";
import { Pace } from "../core/trace/pace.ts";
import { TraceSession } from "../core/trace/session.ts";
import { MAX_FLOWS, type TraceTask } from "../core/trace/task.ts";
import { ERRNO, NetlinkError } from "../io/netlink-error.ts";
import { sourceAddressFor } from "../io/source-address.ts";
import { TraceSocket } from "../io/trace-socket.ts";
import { canonicalIp6, isLinkLocal } from "../wire/netlink/ip-text.ts";

/** A trace that cannot be made, or cannot go on. */
export class TraceError extends VsixError<
  "trace-not-allowed" | "trace-task" | "trace-no-route" | "trace-closed"
> {}

export interface TracerOptions {
  /** Name of this node, as reports give it. */
  readonly source: string;
  /** Probes a second of all traces together. */
  readonly ratePerS?: number;
  /** Monotonic, microseconds. */
  readonly nowUs: () => number;
  /** Wall clock, milliseconds. */
  readonly wallMs: () => number;
  /** In [0, 1). Answers can be forged by who foresees it. */
  readonly random: () => number;
}

/** All traces of a node together: no more than a busy router answers without noticing. */
const NODE_RATE_PER_S = 500;
const NODE_BURST = 10;
/** A full queue of a device, or no memory: the packet may go the next time. */
const PASSING: readonly number[] = [ERRNO.EAGAIN, ERRNO.ENOBUFS, ERRNO.ENOMEM, ERRNO.EINTR];
/** In a row; at the rate of a node that is a fifth of a second. */
const MAX_POSTPONED = 100;
const EMSGSIZE = 90;

interface Run {
  readonly session: TraceSession;
  readonly finish: () => void;
  /** Times in a row that the next probe could not leave. */
  postponed: number;
}

/**
 * Makes traces, any number at once, over one set of raw sockets and within one rate; two with the same flows (same target,
 * protocol and port) go one after the other, since no packet could tell them apart. Needs CAP_NET_RAW.
 */
export class Tracer implements AsyncDisposable {
  readonly #options: TracerOptions;
  readonly #socket: TraceSocket;
  readonly #pace: Pace;
  readonly #runs = new Set<Run>();
  readonly #closed = new AbortController();
  /** Last trace of each set of flows. */
  readonly #behind = new Map<string, Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #pumping = false;

  /** @throws TraceError trace-not-allowed; NativeLoadError without the addon. */
  static open(options: TracerOptions): Tracer {
    return new Tracer(options);
  }

  private constructor(options: TracerOptions) {
    this.#options = options;
    this.#pace = new Pace(options.ratePerS ?? NODE_RATE_PER_S, NODE_BURST);
    try {
      this.#socket = TraceSocket.open({
        nowUs: options.nowUs,
        receive: (evidence, atUs) => this.#received(evidence, atUs),
      });
    } catch (cause) {
      if (!isRefused(cause)) throw cause;
      throw new TraceError("trace-not-allowed", "raw sockets need root or CAP_NET_RAW", { cause });
    }
  }

  /**
   * Makes one trace. What happens to its packets is in the result, also when none leaves this machine.
   * @throws TraceError for a task that cannot be; the signal's reason.
   */
  async trace(task: TraceTask, signal?: AbortSignal): Promise<Trace> {
    checkTask(task);
    const stop = AbortSignal.any([this.#closed.signal, ...(signal === undefined ? [] : [signal])]);
    stop.throwIfAborted();
    const key = flowKey(task.protocol, task.targetAddress, 0, task.port);
    const before = this.#behind.get(key) ?? Promise.resolve();
    const turn = Promise.withResolvers<void>();
    const mine = before.then(() => turn.promise);
    this.#behind.set(key, mine);
    try {
      await unlessAborted(before, stop);
      if (task.protocol === "tcp") this.#socket.hearTcp();
      return await this.#run(task, stop);
    } finally {
      turn.resolve();
      void mine.then(() => {
        if (this.#behind.get(key) === mine) this.#behind.delete(key);
      });
    }
  }

  /** The address that a trace to `target` would come from. @throws TraceError trace-no-route */
  async sourceFor(target: string): Promise<string> {
    try {
      const address = canonicalIp6(await sourceAddressFor(target));
      if (address !== undefined) return address;
    } catch (cause) {
      throw new TraceError("trace-no-route", `no route to ${target}`, { cause });
    }
    throw new TraceError("trace-no-route", `no address to reach ${target} from`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new TraceError("trace-closed", "the tracer was closed"));
    clearTimeout(this.#timer);
    await Promise.all(this.#behind.values());
    await this.#socket[Symbol.asyncDispose]();
  }

  async #run(task: TraceTask, stop: AbortSignal): Promise<Trace> {
    const startedAt = this.#options.wallMs();
    const { promise, resolve } = Promise.withResolvers<void>();
    const run: Run = { session: new TraceSession(task, this.#options.random), finish: resolve, postponed: 0 };
    this.#runs.add(run);
    this.#pump();
    try {
      await unlessAborted(promise, stop);
    } finally {
      this.#runs.delete(run);
    }
    return run.session.result({ source: this.#options.source, startedAt, endedAt: this.#options.wallMs() });
  }

  #received(evidence: Evidence, atUs: number): void {
    for (const { session } of this.#runs)
      if (session.answered(evidence, atUs)) {
        this.#pump();
        return;
      }
  }

  /** Sends what is due, ends what is known, and comes again when something is to be done. */
  #pump(): void {
    if (this.#pumping || this.#closed.signal.aborted) return;
    this.#pumping = true;
    clearTimeout(this.#timer);
    try {
      this.#socket.drain();
      this.#sendAll();
    } finally {
      this.#pumping = false;
    }
  }

  #sendAll(): void {
    let nextUs = Number.POSITIVE_INFINITY;
    for (const run of this.#runs) {
      const { session, finish } = run;
      this.#send(run);
      const nowUs = this.#options.nowUs();
      const sessionUs = session.nextUs(nowUs);
      if (sessionUs === undefined) {
        this.#runs.delete(run);
        finish();
      } else nextUs = Math.min(nextUs, Math.max(sessionUs, this.#pace.readyAtUs(nowUs)));
    }
    // Whoever was first is last the next time: one trace cannot use up the rate of all.
    const [first] = this.#runs;
    if (first !== undefined) {
      this.#runs.delete(first);
      this.#runs.add(first);
    }
    if (nextUs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, Math.ceil((nextUs - this.#options.nowUs()) / 1000));
    this.#timer = setTimeout(() => this.#pump(), waitMs);
  }

  #send(run: Run): void {
    const { nowUs } = this.#options;
    const { session } = run;
    for (;;) {
      if (!this.#pace.ready(nowUs())) return;
      const probe = session.due(nowUs());
      if (probe === undefined) return;
      this.#pace.take(nowUs());
      const before = nowUs();
      const errno = this.#socket.send(probe.packet);
      if (PASSING.includes(errno) && ++run.postponed < MAX_POSTPONED) return;
      run.postponed = 0;
      probe.sent(before);
      if (errno !== 0) session.refused(new NetlinkError(errno).message, errno === EMSGSIZE);
    }
  }
}

/** @throws the signal's reason as soon as it is given. */
async function unlessAborted(done: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = (): void => reject(signal.reason);
  signal.addEventListener("abort", aborted);
  try {
    await Promise.race([done, promise]);
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EPERM" || error.code === "EACCES");
}

function checkTask(task: TraceTask): void {
  const wrong = (what: string): never => {
    throw new TraceError("trace-task", what);
  };
  for (const address of [task.targetAddress, task.sourceAddress])
    if (canonicalIp6(address) !== address) wrong(`${address} is no IPv6 address in canonical form`);
  if (isLinkLocal(task.targetAddress))
    wrong(`${task.targetAddress} is one link away: there is no path to it`);
  const within = (name: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most)
      wrong(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
  };
  within("flows", task.flows, 1, MAX_FLOWS);
  within("probes", task.probes, 1, 100);
  within("maxHops", task.maxHops, 1, 255);
  within("silentHops", task.silentHops, 1, 255);
  within("timeoutMs", task.timeoutMs, 10, 60_000);
  within("spacingMs", task.spacingMs, 1, 60_000);
  within("ratePerS", task.ratePerS, 1, 10_000);
  within("port", task.port, 1, 65535);
  if (task.maxFlows !== undefined) within("maxFlows", task.maxFlows, 1, MAX_FLOWS);
  if (task.maxMtu !== undefined) within("maxMtu", task.maxMtu, 1280, 65535);
}
