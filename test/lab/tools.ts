import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY } from "./names.ts";
import { mustRun } from "./run.ts";

export type Tool = "cable" | "traffic" | "packet-watch" | "tun-feed" | "dns-flood" | "guest-registers";

/** Those that are preloaded into another program. */
const PRELOADED: ReadonlySet<Tool> = new Set(["guest-registers"]);

const BUILD = join(REPOSITORY, ".cache/lab");

/** Path of one of the lab's C programs (native/), compiled when it is missing or older than its source. */
export async function tool(name: Tool): Promise<string> {
  const source = join(import.meta.dirname, "native", `${name}.c`);
  const built = join(BUILD, name);
  const [from, to] = await Promise.all([stat(source), stat(built).catch(() => undefined)]);
  if (to !== undefined && to.mtimeMs >= from.mtimeMs) return built;
  await mkdir(BUILD, { recursive: true });
  // Renamed into place: another lab may be running the old one or compiling the same.
  const fresh = `${built}.${process.pid}`;
  const kind = PRELOADED.has(name) ? ["-shared", "-fPIC"] : [];
  await mustRun("gcc", ["-O2", "-Wall", "-Wextra", ...kind, "-o", fresh, source, "-lm"]);
  await rename(fresh, built);
  return built;
}
