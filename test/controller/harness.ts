import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { importPublicKey, type TrustedKeys, trustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import { controllerMain, vsixctlMain } from "../programs/bundles.ts";

const ROOT = join(import.meta.dirname, "../..");
export const QUICK = join(ROOT, "examples/quick.yaml");

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A controller as a process of its own, in a directory of its own; all of it goes away at the end. */
export class Bench implements AsyncDisposable {
  readonly directory: string;
  readonly socket: string;
  readonly url: string;
  #child: ChildProcess | undefined;

  private constructor(directory: string, url: string) {
    this.directory = directory;
    this.socket = join(directory, "c.sock");
    this.url = url;
  }

  /** `change` goes over the configuration. */
  static async make(mqtt?: { readonly url: string }, change: object = {}): Promise<Bench> {
    const directory = await mkdtemp(join(tmpdir(), "vsix-controller-"));
    const port = await freePort();
    const bench = new Bench(directory, mqtt?.url ?? `mqtt://127.0.0.1:${port}`);
    await writeFile(
      join(directory, "config.json"),
      JSON.stringify({
        stateDir: join(directory, "state"),
        socket: bench.socket,
        mqtt: mqtt ?? { listen: { host: "127.0.0.1", port }, maxPacketBytes: 1024 * 1024 },
        leaseMs: 10_000,
        ...change,
      }),
    );
    return bench;
  }

  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [controllerMain(), "run", "--config", join(this.directory, "config.json")],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#child = child;
    let log = "";
    child.stderr?.on("data", (chunk) => {
      log += String(chunk);
    });
    child.stdout?.on("data", (chunk) => {
      log += String(chunk);
    });
    try {
      await until("the controller has started", () => {
        if (child.exitCode !== null) throw new Error(`controller ended: ${log}`);
        return log.includes("controller started");
      });
    } catch (error) {
      // Nobody has the bench yet: it would keep the test's process from ending.
      await this.stop("SIGKILL");
      throw error;
    }
  }

  /** Of the process that runs; throws when none does. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("no controller runs");
    return pid;
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  async trusted(): Promise<TrustedKeys> {
    return trustedKeys([
      importPublicKey(await readFile(join(this.directory, "state/controller.pub"), "utf8")),
    ]);
  }

  /** A second controller with the same configuration; it is expected to end. */
  async runSecond(): Promise<Ran> {
    return run(process.execPath, [controllerMain(), "run", "--config", join(this.directory, "config.json")]);
  }

  /** Runs vsixctl against this controller. */
  async vsixctl(...args: readonly string[]): Promise<Ran> {
    return run(process.execPath, [vsixctlMain(), ...args], {
      VSIX_SOCKET: this.socket,
    });
  }

  /** Starts vsixctl and leaves it running; the caller ends it. */
  spawnVsixctl(...args: readonly string[]): Running {
    return new Running([vsixctlMain(), ...args], {
      VSIX_SOCKET: this.socket,
    });
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    const { stdout, stderr } = await this.vsixctl(...args, "--json");
    if (stdout === "") throw new Error(`no answer: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Asks the API itself: for what is asked again and again, and must be seen before it is over. */
  async get<T>(path: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const request = get({ socketPath: this.socket, path, agent: false, timeout: UNTIL_MS }, (response) => {
      text(response).then(resolve, reject);
    });
    request.on("error", reject).on("timeout", () => request.destroy(new Error(`no answer to ${path}`)));
    return JSON.parse(await promise) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A program that goes on until it is told, and what it has printed so far. */
export class Running implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
    });
    child.stdout.on("data", (chunk) => {
      this.stdout += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      this.stderr += String(chunk);
    });
    this.#child = child;
    this.#closed = new Promise((resolve) => child.once("close", resolve));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }
}

export async function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(file, args, { env: { ...process.env, ...env }, timeout: UNTIL_MS });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? -1, stdout, stderr };
}

/** Far more than anything here takes, also where the machine has other work; each look may take a second there. */
const UNTIL_MS = 120_000;

/** Polls until true; at most two minutes. */
export async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + UNTIL_MS;
  do {
    if (await check()) return;
    await sleep(50);
  } while (performance.now() < giveUpMs);
  throw new Error(`waited in vain until ${what}`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  server.close();
  await once(server, "close");
  return port;
}
