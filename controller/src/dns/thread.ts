import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import { ControllerError } from "../errors.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Heap of a thread, MiB: what a question may need at most. */
const MAX_HEAP_MB = 1024;
/** Requests that may wait in a thread. */
const MAX_WAITING = 64;

/** One thread of worker.ts, started when it is first asked and again after it has died. */
export class DnsThread<Requests extends { readonly [Name in keyof Requests]: (argument: never) => unknown }>
  implements AsyncDisposable
{
  readonly #role: "writer" | "reader";
  readonly #file: string;
  readonly #log: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #number = 0;
  #ended = false;

  constructor(role: "writer" | "reader", file: string, log: Logger) {
    this.#role = role;
    this.#file = file;
    this.#log = log;
  }

  /** Throws ControllerError: `dns-busy` where too many wait, `bad-question`, `store` for everything that went wrong inside. */
  ask<Name extends keyof Requests & string>(
    name: Name,
    argument: Parameters<Requests[Name]>[0],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ReturnType<Requests[Name]>> {
    if (this.#ended) return Promise.reject(new ControllerError("store", "the controller stops"));
    if (this.#waiting.size >= MAX_WAITING)
      return Promise.reject(new ControllerError("dns-busy", "too many questions at once; ask again later"));
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<Requests[Name]>>();
    const id = ++this.#number;
    // Whoever answers a request answers with what that request's type says.
    this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
    this.#start().postMessage({ id, name, argument }, [...transfer]);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    worker.postMessage({ id: 0, name: "close" });
    await gone;
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { role: this.#role, file: this.#file },
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.#worker = worker;
    worker.on("message", ({ id, value, error }: Answer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else
        waiting?.reject(
          new ControllerError(error.code === "bad-question" ? "bad-question" : "store", error.message),
        );
    });
    worker.on("error", (error) => this.#log.error({ role: this.#role, reason: error.message }, "DNS thread"));
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      const error = new ControllerError("store", "the thread that holds captured DNS has ended");
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
    return worker;
  }
}
