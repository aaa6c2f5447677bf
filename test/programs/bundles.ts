import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { programsFolder } from "./folder.ts";

/**
 * Our programs as the tests start them: bundled, as packages have them, for starting one takes a third of what it takes from 400
 * files that are stripped of their types. A bundle is named by what it was made of, so none that is stale is ever run.
 */

/** The file that `vsix-agent` begins with. */
export const agentMain = (): string => join(folder(), "agent/main.js");
/** The file that `vsix-controller` begins with. */
export const controllerMain = (): string => join(folder(), "controller/main.js");
/** The file that `vsixctl` begins with. */
export const vsixctlMain = (): string => join(folder(), "controller/vsixctl.js");

let found: string | undefined;

/** Of the sources as they were when this process first asked; made when there is none. */
function folder(): string {
  if (found !== undefined) return found;
  const path = programsFolder();
  if (!existsSync(path)) {
    const make = join(import.meta.dirname, "make.ts");
    execFileSync(process.execPath, [make], { stdio: ["ignore", "ignore", "inherit"] });
  }
  found = path;
  return path;
}
