import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import type { Waiting } from "@vsix/shared/notify/notifier.ts";
import { readWaiting } from "@vsix/shared/notify/waiting.ts";
import type { SavedPath, SavedWatch } from "@vsix/shared/paths/watch-saved.ts";
import { ConfigError } from "../config.ts";
import { CheckedFile } from "../io/checked-file.ts";

const Memory = Type.Object({ version: Type.Literal(1), watch: Type.Unknown(), waiting: Type.Unknown() });

/** Characters of all traces together, of paths and of notices each; what is over is remembered without. */
const MAX_TRACES = 8 * 1024 * 1024;

/** What a watch was when it ended. */
export interface Remembered {
  readonly watch: unknown;
  readonly waiting: Waiting;
  /** Something could not be read, and what was done instead. */
  readonly fault: string | undefined;
}

/** What a watch remembers over a restart: DIR/watch.json, mode 0600, whole or the one before. */
export class WatchMemory {
  readonly #file: CheckedFile<typeof Memory>;

  /** Throws {@link ConfigError} for a directory that cannot be written to. */
  constructor(directory: string) {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      rmSync(mkdtempSync(join(directory, "writable-")), { recursive: true });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigError(`--state: ${directory} cannot be written to: ${reason}`, { cause });
    }
    this.#file = new CheckedFile(join(directory, "watch.json"), Memory);
  }

  read(): Remembered {
    const { value, fault } = this.#file.read();
    return { watch: value?.watch, waiting: readWaiting(value?.waiting), fault };
  }

  /** Throws what the disk says; then what was there before is there still. */
  write(watch: SavedWatch, waiting: Waiting): void {
    this.#file.write({ version: 1, watch: lighter(watch), waiting: lighterNotices(waiting) });
  }
}

function lighter(watch: SavedWatch): SavedWatch {
  const share = MAX_TRACES / Math.max(1, watch.paths.length);
  const paths = (watch.paths as readonly SavedPath[]).map((path) =>
    JSON.stringify(path.traces).length > share ? { ...path, traces: [] } : path,
  );
  return { ...watch, paths };
}

function lighterNotices(waiting: Waiting): unknown {
  if (JSON.stringify(waiting).length <= MAX_TRACES) return waiting;
  return JSON.parse(JSON.stringify(waiting, (key, value: unknown) => (key === "trace" ? undefined : value)));
}
