import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../../controller/src/cli/client.ts";
import { LabError } from "./lab-error.ts";
import { controllerSocket } from "./programs.ts";

/**
 * What vsixctl asks, without the start of a program for each question: for what the lab asks many times over while it
 * comes up, and a scenario until it is so. Else scenarios prove vsixctl itself and run it (ctl.ts).
 */
export const labApi = (lab: string): ApiClient => new ApiClient({ socket: controllerSocket(lab) }, "lab");

/** The answer to a question. Throws CliError, or LabError `lab/command-failed` when there is none in time. */
export async function askApi<T>(lab: string, path: string, timeoutMs: number): Promise<T> {
  const done = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new LabError("lab/command-failed", `GET ${path}: no answer in ${timeoutMs / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([labApi(lab).get<T>(path), late]);
  } finally {
    done.abort();
  }
}
