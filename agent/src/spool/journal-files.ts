import { existsSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { CaptureJournals } from "../core/capture/spool-port.ts";
import { batchName, type JournalName, journalName, pad } from "./batch-place.ts";
import type { DnsSpool } from "./spool.ts";

/** Journals of captures, in a folder of their own on a memory file system. */
export class JournalFiles implements CaptureJournals {
  readonly #directory: string;
  readonly #spool: DnsSpool;
  #threads = 0;

  /** Throws what the system says. */
  constructor(runDir: string, spool: DnsSpool) {
    // Agents of one machine (network namespaces) may share it.
    this.#directory = join(runDir, `dns-journal-${spool.id}`);
    this.#spool = spool;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
  }

  get untilUs(): number | undefined {
    return this.#spool.untilUs === 0 ? undefined : this.#spool.untilUs;
  }

  /** Nothing captures any more: the folder goes, if nothing is left in it. */
  close(): void {
    if (readdirSync(this.#directory).length === 0) rmdirSync(this.#directory);
  }

  prefix(): string {
    return join(this.#directory, `${pad(this.#spool.run, 8)}-${pad(++this.#threads, 6)}`);
  }

  left(): readonly string[] {
    for (const name of supersededIn(readdirSync(this.#directory))) unlinkSync(join(this.#directory, name));
    const files = readdirSync(this.#directory)
      .flatMap((name) => {
        const said = journalName(name);
        return said === undefined ? [] : [{ name, ...said }];
      })
      .sort((a, b) => a.run - b.run || (rank(a) < rank(b) ? -1 : 1));
    return files.flatMap(({ name, run, place }) => {
      const path = join(this.#directory, name);
      if (place === undefined) return [path];
      // On its way just now.
      if (run === this.#spool.run) return [];
      if (!existsSync(join(this.#spool.directory, batchName(place)))) return [path];
      unlinkSync(path);
      return [];
    });
  }
}

/** Journals whose segment is there, and what was written aside (io/capture-journal.ts). */
function supersededIn(names: readonly string[]): readonly string[] {
  const kept = new Set(names.flatMap((name) => /^(.*)\.segment~{0,2}$/.exec(name)?.[1] ?? []));
  return names.filter((name) => {
    const [, number, what] = /^(.*)\.(open|spare|new)~{0,2}$/.exec(name) ?? [];
    return number !== undefined && (what !== "open" || kept.has(number));
  });
}

/** Of one life what is sealed comes first. */
function rank({ name, place }: JournalName & { readonly name: string }): string {
  return `${place === undefined ? 1 : 0}${name}`;
}
