import { readFile, writeFile } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import type { Outcome } from "../../core/kind.ts";
import { ERRNO } from "../../io/netlink-error.ts";
import type { Driver } from "../driver.ts";
import type { SysctlObject } from "./model.ts";

/** Below net/ only: at least one more component, and none that is empty, `.` or `..`. Interfaces whose names were too long have a `~` (fabric/plan.ts). */
export function isSysctlPath(path: string): boolean {
  const [root, ...rest] = path.split("/");
  return (
    root === "net" &&
    rest.length > 0 &&
    rest.every((part) => /^[\w.,@:+~-]+$/.test(part) && !/^\.{1,2}$/.test(part))
  );
}

/**
 * Sysctls by /proc/sys.
 * @param paths which settings to look at: those that are desired. Absent ones are left out.
 */
export function sysctlDriver(paths: () => Iterable<string>): Driver<SysctlObject> {
  return {
    async observe(signal) {
      const found: SysctlObject[] = [];
      for (const path of new Set(paths())) {
        signal.throwIfAborted();
        if (!isSysctlPath(path)) continue;
        try {
          found.push({ path, value: (await readFile(`/proc/sys/${path}`, "utf8")).trim() });
        } catch {
          // Not there (the device is gone) or not readable: not observed; apply says why.
        }
      }
      return found;
    },

    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        signal.throwIfAborted();
        // A setting cannot be deleted; one no longer asked for stays as it is.
        outcomes.push(
          change.op === "delete" ? { key: change.key, ok: true } : await write(change.key, change.desired),
        );
      }
      return outcomes;
    },
  };
}

async function write(key: string, { path, value }: SysctlObject): Promise<Outcome> {
  if (!isSysctlPath(path))
    return { key, ok: false, errno: ERRNO.EINVAL, reason: `${path} is not a setting below net/ (EINVAL)` };
  try {
    await writeFile(`/proc/sys/${path}`, value, { flag: "r+" });
    return { key, ok: true };
  } catch (error) {
    const { errno = -ERRNO.EINVAL, code = "EINVAL" } = error as NodeJS.ErrnoException;
    return {
      key,
      ok: false,
      errno: -errno,
      reason: `${getSystemErrorMessage(errno)}: /proc/sys/${path} (${code})`,
    };
  }
}
