import { randomInt } from "node:crypto";
import type { LocalFacts, Outcome, TraceOutcome } from "../../core/health/model.ts";
import type { Due } from "../../core/health/run.ts";
import { traceTask } from "../../core/trace/task.ts";
import { TraceError, Tracer } from "../tracer.ts";
import { Echoes } from "./echoes.ts";
import { lookUp } from "./lookup.ts";
import { fetchPage } from "./page.ts";
import { probeSizes } from "./sizes.ts";
import { isNeighbourThere } from "./solicit.ts";

/** A path of more hops, or with more silent ones, says nothing more. */
const TRACE = { probes: 2, maxHops: 24, silentHops: 4, timeoutMs: 700, spacingMs: 30 } as const;

/** The sockets of a run: opened when they are first needed. */
export class HealthTools implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #facts: LocalFacts;
  #echoes: Echoes | undefined;
  #tracer: Tracer | undefined;

  constructor(facts: LocalFacts) {
    this.#facts = facts;
  }

  /** Makes one check. @throws what this machine does not allow, the signal's reason. */
  async make({ check: { task }, address = "" }: Due, signal: AbortSignal): Promise<Outcome> {
    switch (task.kind) {
      case "facts":
        throw new TypeError("facts are judged, not made");
      case "echo":
        return this.#echo(task.count, address, task.neighbourOn, signal);
      case "trace":
        return this.#trace(address, signal);
      case "query":
        return lookUp(task.server, { name: task.name, type: task.type, dnssec: task.dnssec }, signal);
      case "fetch":
        return fetchPage(task.url, address, signal);
      case "mtu":
        return probeSizes(this.#open(), address, task.sizes, signal);
    }
  }

  async #echo(
    count: number,
    address: string,
    neighbourOn: number | undefined,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const spec = neighbourOn === undefined ? {} : { interfaceIndex: neighbourOn };
    const { port } = this.#facts;
    const [outcome, there] = await Promise.all([
      this.#open().many(address, count, spec, signal),
      neighbourOn === undefined || port?.index !== neighbourOn
        ? undefined
        : isNeighbourThere(address, port, signal),
    ]);
    return { ...outcome, ...(there === undefined ? {} : { there }) };
  }

  async #trace(address: string, signal: AbortSignal): Promise<TraceOutcome> {
    this.#tracer ??= this.#stack.use(
      Tracer.open({
        source: "health",
        nowUs: () => performance.now() * 1000,
        wallMs: Date.now,
        random: () => randomInt(2 ** 32) / 2 ** 32,
      }),
    );
    try {
      const sourceAddress = await this.#tracer.sourceFor(address);
      const task = traceTask({
        target: address,
        targetAddress: address,
        sourceAddress,
        protocol: "icmp6",
        ...TRACE,
      });
      const [flow] = (await this.#tracer.trace(task, signal)).flows;
      const hops = (flow?.hops ?? []).flatMap(({ hop, answers }) => {
        const [answer] = answers;
        return answer === undefined ? [] : [{ hop, address: answer.address, us: answer.rttUs }];
      });
      return { kind: "trace", address, reached: flow?.end.kind === "reached", hops };
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      return { kind: "trace", address, reached: false, hops: [], fault: error.message };
    }
  }

  #open(): Echoes {
    this.#echoes ??= this.#stack.use(new Echoes());
    return this.#echoes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}
