import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../controller/harness.ts";
import { agentMain } from "../programs/bundles.ts";
import { nameOf } from "./access-clients.ts";

/** An agent of its own configuration, in a namespace or in this one. */
export class EnrolledAgent {
  log = "";
  #child: ChildProcess | undefined;
  readonly #where: readonly string[];
  readonly #config: string;
  readonly stateDir: string;

  constructor(directory: string, node: string, namespace: string | undefined, more: object) {
    this.#where = namespace === undefined ? [] : ["ip", "netns", "exec", nameOf(namespace)];
    this.#config = join(directory, `${node}.json`);
    this.stateDir = join(directory, `${node}-state`);
    const config = {
      node,
      stateDir: this.stateDir,
      controller: { identity: join(directory, `${node}-identity`) },
      gobgp: { socket: join(directory, "none") },
      ...more,
    };
    writeFileSync(this.#config, JSON.stringify(config));
  }

  async enrol(token: string): Promise<void> {
    const file = `${this.#config}.token`;
    writeFileSync(file, token, { mode: 0o600 });
    const [program = "", ...args] = this.#command("enrol", "--token-file", file);
    const { code, stderr } = await run(program, args);
    assert.equal(code, 0, stderr);
  }

  start(): void {
    const [program = "", ...args] = this.#command("run");
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        this.log += String(chunk);
      });
    this.#child = child;
  }

  /** Nobody has enrolled it any more. */
  async reset(): Promise<void> {
    const [program = "", ...args] = this.#command("reset", "--yes");
    const { code, stderr } = await run(program, args);
    assert.equal(code, 0, stderr);
  }

  /** Exit status of a process that ends by itself. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null) await once(child, "exit");
    return child?.exitCode ?? null;
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  #command(verb: string, ...more: readonly string[]): readonly string[] {
    return [...this.#where, process.execPath, agentMain(), verb, "--config", this.#config, ...more];
  }
}
