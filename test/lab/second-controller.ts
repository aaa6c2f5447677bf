import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "../../controller/src/status/model.ts";
import { ctlCommand } from "./ctl.ts";
import { programsOf, startProgram, stopProgram } from "./faults.ts";
import { type Lab, namespaceOf } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { NODE } from "./names.ts";
import {
  controllerCommand,
  controllerConfigFile,
  controllerNode,
  controllerProgram,
  logFile,
  nodeDirectory,
} from "./programs.ts";
import { inNamespace, type RunResult, run } from "./run.ts";
import { askSupervisor } from "./supervisor-client.ts";

/** Files of a controller's identity; without the others its database and signing key are its own. */
const CA_FILES = ["ca.key", "ca.crt", "server.key", "server.crt", "client.key", "client.crt"];

/** What a second controller is started with: the first one's whole state, its CA alone, or nothing. */
export type SecondState = "copy" | "ca" | "fresh";

/** A controller that nobody wanted: on another node, with the first one's configuration, at the same broker. */
export class SecondController {
  readonly #lab: Lab;
  readonly #node: string;

  constructor(lab: Lab, node: string) {
    this.#lab = lab;
    this.#node = node;
  }

  get #stateDir(): string {
    return join(nodeDirectory(this.#lab.name, this.#node), "controller");
  }

  get #socket(): string {
    return join(nodeDirectory(this.#lab.name, this.#node), "controller.sock");
  }

  get log(): string {
    return logFile(this.#lab.name, this.#node, "controller");
  }

  /** Its state anew, while the first controller runs: what a snapshot of its disk holds. */
  async prepare(state: SecondState): Promise<void> {
    const first = join(this.#lab.stateDir, "controller");
    await rm(this.#stateDir, { recursive: true, force: true });
    if (state === "copy") await cp(first, this.#stateDir, { recursive: true });
    if (state !== "ca") return;
    await mkdir(this.#stateDir, { recursive: true, mode: 0o700 });
    for (const name of CA_FILES) await cp(join(first, name), join(this.#stateDir, name));
  }

  /** Starts it, or the supervisor goes on trying. */
  async start(): Promise<void> {
    const lab = this.#lab;
    if ((await programsOf(lab, this.#node)).some(({ program }) => program === "controller"))
      return startProgram(lab, this.#node, "controller");
    const directory = nodeDirectory(lab.name, this.#node);
    const config = JSON.parse(await readFile(controllerConfigFile(lab.name), "utf8")) as {
      readonly mqtt: { readonly nodeUrl: string };
    };
    const file = join(directory, "controller.json");
    const mqtt = { url: config.mqtt.nodeUrl, files: { directory: join(directory, "mosquitto") } };
    const own = { stateDir: this.#stateDir, socket: this.#socket, publicKeyFile: join(directory, "c.pub") };
    await writeFile(file, JSON.stringify({ ...config, ...own, mqtt }));
    const spec = {
      ...controllerProgram(lab.name, lab.fabric),
      node: this.#node,
      command: inNamespace(namespaceOf(lab, this.#node), [...controllerCommand(lab.name, "run", file)]),
      log: this.log,
    };
    await askSupervisor(lab.name, { op: "add", specs: [spec] });
  }

  async stop(): Promise<void> {
    await stopProgram(this.#lab, this.#node, "controller");
  }

  /** `exit 1` and the like, once it has ended by itself; throws LabError when it has not in 20 s. */
  async end(): Promise<string> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const programs = await programsOf(this.#lab, this.#node);
      const { deaths = 0, lastEnd = null } = programs.find(({ program }) => program === "controller") ?? {};
      if (deaths > 0 && lastEnd !== null) return lastEnd;
      await sleep(100);
    }
    throw new LabError("lab/scenario", "the second controller goes on");
  }

  async ctl(...args: readonly string[]): Promise<RunResult> {
    const [file = NODE, ...rest] = ctlCommand(this.#lab, args, this.#socket);
    return run(file, rest);
  }

  /** Undefined while it does not answer. */
  async status(): Promise<Status | undefined> {
    const { code, stdout } = await this.ctl("status", "--json");
    return code === 0 ? (JSON.parse(stdout) as Status) : undefined;
  }

  /** Runs a controller beside the first one, with its configuration but for `change`; it is expected to end. */
  async runBeside(change: object): Promise<RunResult> {
    const { name, fabric } = this.#lab;
    const config = JSON.parse(await readFile(controllerConfigFile(name), "utf8")) as object;
    const file = join(nodeDirectory(name, this.#node), "beside.json");
    await writeFile(file, JSON.stringify({ ...config, stateDir: `${this.#stateDir}-beside`, ...change }));
    const [program = NODE, ...args] = inNamespace(namespaceOf(this.#lab, controllerNode(fabric).name), [
      ...controllerCommand(name, "run", file),
    ]);
    return run(program, args, { timeoutMs: 20_000 });
  }
}
