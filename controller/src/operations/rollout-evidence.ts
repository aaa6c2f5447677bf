import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { Serial } from "../desired/serial.ts";
import { ControllerError, messageOf } from "../errors.ts";
import type { RolloutEvidence } from "../status/rollout-model.ts";
import { writeDurably } from "../store/durable-file.ts";
import type { StoreReader } from "../store/reader.ts";
import { stateOf, viewOf } from "./rollout-view.ts";

/** All that is kept of a rollout. Throws ControllerError `unknown-rollout`. */
export async function evidenceOf(read: StoreReader, id: number): Promise<RolloutEvidence> {
  const row = await read.rollout(id);
  if (row === undefined) throw new ControllerError("unknown-rollout", `there is no rollout ${id}`);
  const events = await read.rolloutEvents(id);
  return {
    version: 1,
    rollout: viewOf(row, stateOf(row)),
    events: events.map(({ number, at, kind, who, body }) => {
      return { number, at, kind, who, body: JSON.parse(body) as unknown };
    }),
  };
}

/** One file a rollout, DIRECTORY/ID.json of mode 0600, written anew at each transition. The database is the truth. */
export class EvidenceFiles implements AsyncDisposable {
  readonly #directory: string;
  readonly #log: Logger;
  readonly #serial = new Serial();

  constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  /** In the background; a failure is logged. */
  write(read: StoreReader, id: number): void {
    const file = join(this.#directory, `${id}.json`);
    const write = async (): Promise<void> => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await writeDurably(file, `${JSON.stringify(await evidenceOf(read, id), null, 1)}\n`, 0o600);
    };
    this.#serial.run(write).catch((error: unknown) => {
      const reason = messageOf(error);
      this.#log.error({ file, reason }, "the evidence of a rollout was not written; the database has it");
    });
  }

  /** Resolves when what was asked for is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serial.run(async () => undefined);
  }
}
