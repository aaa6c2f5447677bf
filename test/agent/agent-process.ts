import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "@vsix/shared/contract/up.ts";
import { exportPublicKey } from "@vsix/shared/crypto/ed25519.ts";
import { askAgent } from "../../agent/src/io/control-socket.ts";
import { agentMain } from "../programs/bundles.ts";
import { KEY, NODE } from "./documents.ts";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory with everything one agent and one gobgpd need, and the processes themselves. */
export class AgentHost implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "vt-agent-"));
  readonly stateDir = join(this.directory, "state");
  readonly gobgpSocket = join(this.directory, "gobgp.sock");
  readonly configFile = join(this.directory, "agent.json");
  /** Everything the agent has logged. */
  log = "";
  #agent: ChildProcess | undefined;
  #gobgpd: ChildProcess | undefined;

  constructor(url: string, change: object = {}) {
    const keyFile = join(this.directory, "controller.pub");
    writeFileSync(keyFile, exportPublicKey(KEY.publicKey));
    this.configure({
      node: NODE,
      stateDir: this.stateDir,
      controller: { url, publicKeyFiles: [keyFile] },
      gobgp: { socket: this.gobgpSocket },
      ...change,
    });
  }

  configure(config: object): void {
    writeFileSync(this.configFile, JSON.stringify(config));
  }

  get pid(): number {
    return this.#agent?.pid ?? 0;
  }

  /** False once the process has ended, whoever ended it. */
  get alive(): boolean {
    const child = this.#agent;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Starts `vsix-agent run`; does not wait for anything. */
  spawn(env: Readonly<Record<string, string>> = {}): void {
    const child = spawn(process.execPath, [agentMain(), "run", "--config", this.configFile], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.log = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        this.log += String(chunk);
      });
    this.#agent = child;
  }

  /** Starts the agent and waits until it answers questions. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.spawn(env);
    await until("the agent has started", () => {
      if (!this.alive) throw new Error(`the agent ended: ${this.log}`);
      return this.log.includes("agent started");
    });
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    return end(this.#agent, signal);
  }

  /** Waits for the agent to end by itself. */
  async ended(limitMs: number): Promise<number | null> {
    const child = this.#agent;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    await once(child, "exit", { signal: AbortSignal.timeout(limitMs) });
    return child.exitCode;
  }

  async startGobgpd(): Promise<void> {
    rmSync(this.gobgpSocket, { force: true });
    const api = `unix://${this.gobgpSocket}`;
    this.#gobgpd = spawn("gobgpd", ["--api-hosts", api, "--pprof-disable", "-p", "-l", "warn"], {
      stdio: "ignore",
    });
    await until("gobgpd listens", () => existsSync(this.gobgpSocket));
  }

  async stopGobgpd(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await end(this.#gobgpd, signal);
    this.#gobgpd = undefined;
  }

  /** Runs gobgp(8) against our gobgpd. */
  async gobgp(...args: readonly string[]): Promise<Ran> {
    return run("gobgp", ["--target", `unix://${this.gobgpSocket}`, ...args]);
  }

  /** `vsix-agent VERB …` beside the running one. */
  async ask(verb: "plan" | "report" | "epe", ...args: readonly string[]): Promise<Ran> {
    return run(process.execPath, [agentMain(), verb, ...args, "--config", this.configFile]);
  }

  /** What `vsix-agent report` prints, without starting a process for it. */
  async report(): Promise<Report> {
    return (await this.#question("report")) as Report;
  }

  /** The lines that `vsix-agent plan` prints. */
  async plan(): Promise<readonly string[]> {
    return ((await this.#question("plan")) as { readonly plan: readonly string[] }).plan;
  }

  async #question(command: string): Promise<unknown> {
    try {
      return await askAgent(join(this.stateDir, "agent.sock"), command);
    } catch (cause) {
      throw new Error(`no answer to ${command}: ${this.log.slice(-3000)}`, { cause });
    }
  }

  /** Asks for reports until one satisfies; throws with the last one. */
  async reportWhere(what: string, check: (report: Report) => boolean, limitMs = UNTIL_MS): Promise<Report> {
    let last: Report | undefined;
    try {
      await until(
        what,
        async () => {
          last = await this.report();
          return check(last);
        },
        limitMs,
      );
    } catch (cause) {
      throw new Error(`${String(cause)}: ${JSON.stringify(last)}\n${this.log.slice(-3000)}`, { cause });
    }
    if (last === undefined) throw new Error("no report");
    return last;
  }

  /** Megabytes of resident memory of the agent. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  }

  makeStateDir(): void {
    mkdirSync(this.stateDir, { recursive: true, mode: 0o700 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await this.stopGobgpd();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (child === undefined) return null;
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}

async function run(file: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** Far more than anything here takes, also where the machine has other work. */
const UNTIL_MS = 60_000;

export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  limitMs = UNTIL_MS,
): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!(await check())) {
    if (performance.now() > limit) throw new Error(`waited in vain until ${what}`);
    await sleep(50);
  }
}
