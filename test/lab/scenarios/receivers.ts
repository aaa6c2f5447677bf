import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProgram, stopProgram } from "../faults.ts";
import { controllerConfigFile, controllerNode } from "../programs.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Receivers of a lab's notices, and the controller's file of them. */

export const SECRET = "a secret that only this lab knows";
export const PORT = 9099;

/** An entry of the file: a signed webhook at a HookReceiver's path of the same name. */
export const json = (name: string, more: readonly string[] = [], port = PORT): string =>
  [
    `  - name: ${name}`,
    "    format: json",
    `    url: http://[::1]:${port}/${name}`,
    "    secretFile: notify.secret",
    "    allowLoopbackHttp: true",
    ...more.map((line) => `    ${line}`),
  ].join("\n");

export const slack = (name: string, port = PORT): string =>
  [
    `  - name: ${name}`,
    "    format: slack",
    `    url: http://[::1]:${port}/${name}`,
    "    allowLoopbackHttp: true",
  ].join("\n");

/** Starts the controller anew with these receivers, and waits until every node has converged. */
export async function tellReceivers(
  { lab, step, converge }: Pick<ScenarioContext, "lab" | "step" | "converge">,
  receivers: readonly string[],
): Promise<void> {
  const file = join(lab.stateDir, "notify.yaml");
  await writeFile(join(lab.stateDir, "notify.secret"), SECRET, { mode: 0o600 });
  await writeFile(file, ["version: 1", "receivers:", ...receivers].join("\n"), { mode: 0o600 });
  step("the controller is told whom to tell");
  const noc = controllerNode(lab.fabric).name;
  const config = JSON.parse(await readFile(controllerConfigFile(lab.name), "utf8")) as object;
  await writeFile(controllerConfigFile(lab.name), JSON.stringify({ ...config, notify: file }));
  await stopProgram(lab, noc, "controller");
  await startProgram(lab, noc, "controller");
  await converge();
}
