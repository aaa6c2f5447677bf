import { rm } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { CapturePart } from "@vsix/shared/contract/part-capture.ts";
import { type CaptureCounters, noCounters } from "@vsix/shared/dns/counters.ts";
import type { Logger } from "pino";
import type { CaptureJournals, CaptureSpool } from "../core/capture/spool-port.ts";
import type { CaptureTask, FromCapture, ToCapture } from "./capture-messages.ts";

export interface DnsCaptureOptions {
  readonly spool: CaptureSpool;
  /** Absent: what is in no segment yet dies with the process. */
  readonly journals?: CaptureJournals;
  readonly log: Logger;
  /** 32 random bits. */
  readonly random: () => number;
  readonly onChange: () => void;
}

/** Octets of segments that the spool has not yet said to be safe. */
const MOST_UNDER_WAY = 16 << 20;
const RESTART_MS = 5000;
const END_MS = 5000;
/** Of the thread, so that hostile names cannot take the router's memory. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 };

interface Running {
  readonly worker: Worker;
  readonly ended: Promise<void>;
}

/**
 * Captures the DNS that the document asks for, in a thread of its own, and gives what it has to the spool. Without a part there is
 * no thread. Another part begins anew: what the old thread had comes first.
 */
export class DnsCapture implements AsyncDisposable {
  readonly #options: DnsCaptureOptions;
  #part = "";
  /** No thread has begun yet: what an earlier life left is for the first. */
  #first = true;
  #untilUs = 0;
  #running: Running | undefined;
  #ending: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #underWay = 0;
  /** Segments on their way into the spool: nobody ends before they are there. */
  readonly #saving = new Set<Promise<void>>();
  #spoolFault: string | undefined;
  #threadFault: string | undefined;
  readonly #conditions = new Map<string, string>();
  /** Of this thread, and of those before it. */
  #counters: CaptureCounters = noCounters();
  #before: CaptureCounters = noCounters();
  /** Rows of this thread, and of those before it. */
  #rows = 0;
  #rowsBefore = 0;

  constructor(options: DnsCaptureOptions) {
    this.#options = options;
  }

  /** Why something is not captured, or not kept, although it is wanted. */
  get fault(): string | undefined {
    const interfaces = [...this.#conditions].map(([name, reason]) => `${name}: ${reason}`);
    const all = [this.#threadFault, ...interfaces, this.#spoolFault].filter((one) => one !== undefined);
    return all.length === 0 ? undefined : all.join("; ");
  }

  /** Since the agent began, as of the last segment. */
  get counters(): CaptureCounters {
    return Object.fromEntries(
      Object.entries(this.#counters).map(([name, n]) => [
        name,
        n + this.#before[name as keyof CaptureCounters],
      ]),
    ) as CaptureCounters;
  }

  /** Takes another part; the same one leaves everything as it is. */
  configure(part: CapturePart | undefined): void {
    const text = part === undefined ? "" : JSON.stringify(part);
    if (text === this.#part) return;
    this.#part = text;
    this.#threadFault = undefined;
    const alone = this.#first && part !== undefined;
    this.#end();
    if (part !== undefined) this.#begin(part, alone);
    else void this.#ending.then(() => this.#notWanted());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#part = "";
    this.#end();
    await this.#ending;
  }

  /** @param alone no other thread is ending: this one takes up what others left. */
  #begin(part: CapturePart, alone: boolean): void {
    const { log, random, journals } = this.#options;
    this.#first = false;
    const task: CaptureTask = { part, seed: random(), ...journalOf(journals, alone) };
    const before = this.#ending;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const worker = new Worker(new URL("./capture-worker.ts", import.meta.url), {
      name: "dns-capture",
      workerData: task,
      resourceLimits: LIMITS,
    });
    this.#running = { worker, ended };
    log.info({ interfaces: part.interfaces }, "DNS is captured");
    worker.on("message", (message: FromCapture) => {
      if (message.kind === "ended") resolve();
      // What the thread before had comes first, also into the sums.
      else if (message.kind === "progress") this.#save(before.then(() => this.#seen(message)));
      else if (message.kind === "segment") this.#save(before.then(() => this.#keep(worker, message)));
      else if (message.kind === "journal")
        log.warn({ file: message.file, reason: message.reason }, "a journal of captured DNS is of no use");
      else this.#condition(message.interface, message.reason);
    });
    worker.on("error", (error) => {
      log.error({ err: error }, "the capture's thread failed");
      this.#failed(worker, part, error instanceof Error ? error.message : String(error));
    });
    worker.on("exit", () => {
      resolve();
      this.#failed(worker, part, "the thread ended");
    });
  }

  /** The thread is gone without having been told to: what it had not handed over is lost. */
  #failed(worker: Worker, part: CapturePart, reason: string): void {
    if (this.#running?.worker !== worker) return;
    this.#running = undefined;
    this.#threadFault = reason;
    this.#sumUp();
    this.#options.onChange();
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#begin(part, true);
    }, RESTART_MS);
  }

  #end(): void {
    clearTimeout(this.#restart);
    this.#restart = undefined;
    const running = this.#running;
    this.#running = undefined;
    this.#conditions.clear();
    if (running === undefined) return;
    const { log } = this.#options;
    const before = this.#ending;
    say(running.worker, { kind: "end" });
    this.#ending = (async () => {
      await before;
      const late = setTimeout(() => void running.worker.terminate(), END_MS);
      await running.ended;
      clearTimeout(late);
      await running.worker.terminate();
      await Promise.all(this.#saving);
      this.#sumUp();
    })().catch((error: unknown) => log.error({ err: error }, "the capture did not end well"));
  }

  #seen({ rows, untilUs }: FromCapture & { kind: "progress" }): void {
    this.#rows = rows;
    this.#untilUs = untilUs;
    this.#tellSeen();
  }

  /** Time without capture is no gap from now on. */
  #notWanted(): void {
    if (this.#part !== "" || this.#untilUs === 0) return;
    this.#untilUs = 0;
    this.#tellSeen();
  }

  #tellSeen(): void {
    try {
      this.#options.spool.seen(this.#rowsBefore + this.#rows, this.#untilUs);
    } catch (error) {
      this.#spoolFault = error instanceof Error ? error.message : String(error);
    }
  }

  #sumUp(): void {
    this.#rowsBefore += this.#rows;
    this.#rows = 0;
    this.#before = this.counters;
    this.#counters = noCounters();
  }

  #save(kept: Promise<void>): void {
    const done = kept.finally(() => this.#saving.delete(done));
    this.#saving.add(done);
  }

  #condition(name: string, reason: string | undefined): void {
    if (this.#conditions.get(name) === reason) return;
    if (reason === undefined) this.#conditions.delete(name);
    else this.#conditions.set(name, reason.slice(0, 256));
    this.#threadFault = undefined;
    this.#options.log.info({ interface: name, reason }, "capture of an interface");
    this.#options.onChange();
  }

  async #keep(
    worker: Worker,
    { octets, meta, counters, journal }: FromCapture & { kind: "segment" },
  ): Promise<void> {
    const { spool, log, onChange } = this.#options;
    this.#counters = counters;
    this.#threadFault = undefined;
    const faultBefore = this.#spoolFault;
    // Of its own: they are the spool's from then on.
    const { length } = octets;
    if (this.#underWay > 0 && this.#underWay + length > MOST_UNDER_WAY) {
      this.#spoolFault = "the spool is too slow";
      say(worker, { kind: "lost", ...meta });
      if (journal !== undefined) await rm(journal, { force: true });
    } else {
      this.#underWay += length;
      try {
        await spool.put(octets, meta, journal);
        this.#spoolFault = undefined;
      } catch (error) {
        this.#spoolFault = error instanceof Error ? error.message : String(error);
        log.error({ err: error, rows: meta.rows }, "captured rows are lost");
        say(worker, { kind: "lost", ...meta });
      } finally {
        this.#underWay -= length;
      }
    }
    if (faultBefore !== this.#spoolFault) onChange();
  }
}

function journalOf(
  journals: CaptureJournals | undefined,
  alone: boolean,
): Pick<CaptureTask, "journal"> | undefined {
  if (journals === undefined) return undefined;
  const left = alone ? journals.left() : [];
  return {
    journal: { prefix: journals.prefix(), left, untilUs: alone ? journals.untilUs : undefined },
  };
}

function say(worker: Worker, message: ToCapture): void {
  worker.postMessage(message);
}
