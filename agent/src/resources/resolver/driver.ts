import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Change, Outcome } from "../../core/kind.ts";
import { CONFIG_FILE, HINTS_FILE } from "../../core/services/unbound-config.ts";
import type { Daemon } from "../../io/daemon.ts";
import { ProgramError, runProgram } from "../../io/run-program.ts";
import type { Driver } from "../driver.ts";
import { keepsCache, needsRestart, type ResolverObject } from "./model.ts";

/** Says what the running program was told last: `SHA-256 PID`. */
const LOADED_FILE = "loaded";
const CACHE_FILE = "cache.txt";
/** A larger cache is not carried over a reload: it would take longer than filling it again. */
const CACHE_LIMIT = 64 * 1024 * 1024;
const START_MS = 10_000;
const PACKAGE = "unbound";

/**
 * Unbound in a directory of its own, with a control socket of its own: the machine's own resolver is another process with other
 * files, and is never touched. A change is checked by unbound-checkconf before anything else happens.
 */
export function resolverDriver(directory: string, daemon: Daemon): Driver<ResolverObject> {
  const file = (name: string): string => join(directory, name);
  return {
    async observe() {
      const pid = daemon.find();
      if (pid === undefined) return [];
      const config = await readFile(file(CONFIG_FILE), "utf8").catch(() => "");
      const hints = await readFile(file(HINTS_FILE), "utf8").catch(() => "");
      const loaded = await readFile(file(LOADED_FILE), "utf8").catch(() => "");
      const known = loaded === loadedText({ name: PACKAGE, config, hints }, pid);
      return [known ? { name: PACKAGE, config, hints } : { name: PACKAGE, config: "", hints: "" }];
    },
    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        try {
          await applyOne(change, signal);
          outcomes.push({ key: change.key, ok: true });
        } catch (error) {
          if (signal.aborted || !(error instanceof Error)) throw error;
          outcomes.push({ key: change.key, ok: false, errno: errnoOf(error), reason: error.message });
        }
      }
      return outcomes;
    },
  };

  async function applyOne(change: Change<ResolverObject>, signal: AbortSignal): Promise<void> {
    if (change.op === "delete") {
      await daemon.stop();
      await rm(directory, { recursive: true, force: true });
      return;
    }
    const { desired } = change;
    await write(desired, signal);
    const before = change.op === "replace" ? change.observed : undefined;
    const runs = daemon.find() !== undefined;
    if (!runs) await begin(signal);
    else if (before === undefined || before.config === "" || needsRestart(before, desired)) {
      await daemon.stop();
      await begin(signal);
    } else await reload(keepsCache(before, desired), signal);
    const pid = daemon.find();
    if (pid === undefined)
      throw new ProgramError("program-failed", `unbound ended; see ${file("unbound.log")}`);
    await writeFile(file(LOADED_FILE), loadedText(desired, pid));
  }

  /** Whole or not at all; what unbound would not take is never in the place of what it has taken. */
  async function write({ config, hints }: ResolverObject, signal: AbortSignal): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o755 });
    // The configuration names the file of hints, so that comes first.
    await replace(HINTS_FILE, hints);
    const next = file(`${CONFIG_FILE}.next`);
    await writeFile(next, config, { mode: 0o644 });
    await runProgram(["unbound-checkconf", next], { signal, debianPackage: PACKAGE });
    await replace(CONFIG_FILE, config);
  }

  async function replace(name: string, text: string): Promise<void> {
    const fresh = file(`${name}.new`);
    const handle = await open(fresh, "w", 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file(name));
  }

  async function begin(signal: AbortSignal): Promise<void> {
    daemon.start(["unbound", "-d", "-c", file(CONFIG_FILE)]);
    for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 50) {
      await sleep(50, undefined, { signal });
      if (daemon.pid === undefined)
        throw new ProgramError("program-failed", `unbound ended at once; see ${file("unbound.log")}`);
      if (await answers(signal)) return;
    }
    throw new ProgramError("program-slow", `unbound does not answer on its control socket in ${directory}`);
  }

  async function answers(signal: AbortSignal): Promise<boolean> {
    return control(["status"], signal).then(
      () => true,
      (error) => {
        if (signal.aborted || (error as ProgramError).code === "program-missing") throw error;
        return false;
      },
    );
  }

  function control(words: readonly string[], signal: AbortSignal): Promise<string> {
    const command = ["unbound-control", "-c", file(CONFIG_FILE), ...words];
    return runProgram(command, { signal, debianPackage: PACKAGE });
  }

  /** unbound 1.17 forgets its cache when it reads its configuration; 1.18 has a word for keeping it. */
  async function reload(keep: boolean, signal: AbortSignal): Promise<void> {
    if (!keep) return void (await control(["reload"], signal));
    if (
      await control(["reload_keep_cache"], signal).then(
        (said) => !said.startsWith("error"),
        () => false,
      )
    )
      return;
    const dumped = await dump(signal);
    await control(["reload"], signal);
    if (dumped) await load(signal);
    await rm(file(CACHE_FILE), { force: true });
  }

  async function dump(signal: AbortSignal): Promise<boolean> {
    const output = openSync(file(CACHE_FILE), "w", 0o600);
    try {
      const command = ["unbound-control", "-c", file(CONFIG_FILE), "dump_cache"];
      await runProgram(command, { signal, output, debianPackage: PACKAGE });
    } catch (error) {
      if (signal.aborted) throw error;
      return false; // a cold cache is no reason to keep an old configuration
    } finally {
      closeSync(output);
    }
    return (await stat(file(CACHE_FILE))).size <= CACHE_LIMIT;
  }

  async function load(signal: AbortSignal): Promise<void> {
    const input = openSync(file(CACHE_FILE), "r");
    try {
      const command = ["unbound-control", "-c", file(CONFIG_FILE), "load_cache"];
      await runProgram(command, { signal, input, debianPackage: PACKAGE });
    } catch (error) {
      if (signal.aborted) throw error;
    } finally {
      closeSync(input);
    }
  }
}

function loadedText({ config, hints }: ResolverObject, pid: number): string {
  return `${createHash("sha256").update(config).update("\0").update(hints).digest("hex")} ${pid}\n`;
}

/** EIO where nobody tells more. */
function errnoOf(error: Error): number {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? 5 : Math.abs(errno);
}
