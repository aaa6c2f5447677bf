import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CapturePart } from "@vsix/shared/contract/part-capture.ts";
import { CAPTURE_SIZES } from "@vsix/shared/fabric/telescreen-defaults.ts";
import type { Logger } from "pino";
import { DnsCapture } from "../sensors/dns-capture.ts";
import { SpooledCapture } from "../spool/capture-spool.ts";
import { JournalFiles } from "../spool/journal-files.ts";
import { DnsSpool } from "../spool/spool.ts";

export interface CaptureLaneOptions {
  readonly stateDir: string;
  /** On a memory file system. */
  readonly runDir: string;
  readonly log: Logger;
  /** The spool's batches are to be brought to the controller from now on. */
  readonly deliver: (spool: DnsSpool) => void;
  readonly onChange: () => void;
}

/**
 * DNS from interfaces to the controller. The spool is opened when there is something to capture, or when an earlier life left
 * some: a node that captures nothing has neither thread nor files.
 */
export class CaptureLane implements AsyncDisposable {
  readonly #options: CaptureLaneOptions;
  readonly #directory: string;
  #spool: DnsSpool | undefined;
  #capture: DnsCapture | undefined;
  #journals: JournalFiles | undefined;
  #fault: string | undefined;

  constructor(options: CaptureLaneOptions) {
    this.#options = options;
    this.#directory = join(options.stateDir, "dns-spool");
  }

  get fault(): string | undefined {
    return this.#fault ?? this.#capture?.fault;
  }

  /** The running capture; undefined where there never was one. */
  get capture(): DnsCapture | undefined {
    return this.#capture;
  }

  configure(part: CapturePart | undefined): void {
    if (this.#spool === undefined && (part !== undefined || existsSync(this.#directory))) this.#open(part);
    this.#capture?.configure(part);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#capture?.[Symbol.asyncDispose]();
    await this.#spool?.close();
    this.#journals?.close();
  }

  #open(part: CapturePart | undefined): void {
    const { log, deliver, onChange } = this.#options;
    try {
      const maxOctets = (part?.spoolMb ?? CAPTURE_SIZES.home.spoolMb) << 20;
      const spool = new DnsSpool({ directory: this.#directory, maxOctets });
      this.#spool = spool;
      deliver(spool);
      const random = (): number => randomBytes(4).readInt32LE();
      const journals = this.#openJournals(spool);
      this.#journals = journals;
      this.#capture = new DnsCapture({
        spool: new SpooledCapture(spool),
        log,
        random,
        onChange,
        ...(journals === undefined ? {} : { journals }),
      });
      this.#fault = undefined;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      log.error({ err: error }, "nothing is captured: there is no spool");
    }
  }

  #openJournals(spool: DnsSpool): JournalFiles | undefined {
    try {
      return new JournalFiles(this.#options.runDir, spool);
    } catch (error) {
      this.#options.log.warn(
        { err: error },
        "captured DNS has no journal: what is in no segment dies with the agent",
      );
      return undefined;
    }
  }
}
