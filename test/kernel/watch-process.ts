import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { PathEvent } from "@vsix/shared/paths/watch-state.ts";
import { agentMain } from "../programs/bundles.ts";
import { R1, TARGET } from "./trace-network.ts";

export const MAIN = agentMain();
export const SECRET = "a secret that only this test knows";
export const PORT = 9123;

/** A record of `watch --json`. */
export interface Said {
  readonly kind: "started" | "event" | "receiver" | "fault" | "reread" | "ended" | "look";
  readonly event?: PathEvent;
  readonly words?: string;
}

/** Files of one watch, in a folder of its own. */
export class WatchFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "vsix-watch-"));

  /** Writes a file and gives its path. */
  file(name: string, text: string, mode = 0o600): string {
    const path = join(this.path, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** What the trace network's path is to be: by these routers. */
  expected(hops: readonly string[], name = "expected.yaml"): string {
    const allowed = hops.map((hop) => JSON.stringify(hop)).join(", ");
    return this.file(
      name,
      [
        "version: 1",
        "hops:",
        `  r1: { addresses: ["${R1}"] }`,
        '  a: { plane: blue, addresses: ["2001:db8:2::2"] }',
        '  b: { plane: green, addresses: ["2001:db8:3::2"] }',
        '  r2: { addresses: ["2001:db8:4::2", "2001:db8:5::2"] }',
        "defaults: { flows: 2, intervalS: 1 }",
        "paths:",
        "  - source: home",
        `    target: { name: far, address: "${TARGET}" }`,
        `    allowed: [[${allowed}]]`,
      ].join("\n"),
    );
  }

  notify(heartbeat = ""): string {
    this.file("hook.secret", SECRET);
    const hook = `url: "http://[::1]:${PORT}/hook", secretFile: hook.secret, allowLoopbackHttp: true`;
    return this.file(
      "notify.yaml",
      `version: 1\nreceivers:\n  - { name: hook, format: json, ${hook}${heartbeat} }\n`,
    );
  }

  get state(): string {
    return join(this.path, "state");
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A watch that runs. */
export class WatchProcess implements AsyncDisposable {
  readonly said: Said[] = [];
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<number | null>;
  stderr = "";

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, "watch", "--source", "home", "--json", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.said.push(JSON.parse(line)));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.#closed = new Promise((resolve) => this.#child.once("close", resolve));
  }

  get events(): readonly PathEvent[] {
    return this.said.flatMap(({ event }) => event ?? []);
  }

  /** Waits until it has said so; throws with what it said instead. */
  async until(what: string, holds: () => boolean, ms = 60_000): Promise<void> {
    for (const end = performance.now() + ms; performance.now() < end; await sleep(20)) if (holds()) return;
    throw new Error(`${what} did not come: ${JSON.stringify(this.said).slice(0, 4000)} ${this.stderr}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it and gives its exit status. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}
