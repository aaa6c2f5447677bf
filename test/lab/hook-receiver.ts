import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Notice } from "@vsix/shared/notify/notice.ts";
import { verifyBody } from "@vsix/shared/notify/sign.ts";
import { type Lab, namespaceOf } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { NODE } from "./names.ts";
import { controllerNode } from "./programs.ts";
import { inNamespace } from "./run.ts";

const SERVER = fileURLToPath(new URL("hook-server.ts", import.meta.url));

/** A request as the receiver got it. */
export interface Hooked {
  /** Wall clock, milliseconds. */
  readonly at: number;
  /** Whether it was taken, refused or held. */
  readonly mode: "take" | "refuse" | "hang";
  readonly path: string;
  readonly body: string;
  readonly signature: string | null;
}

/** A receiver of webhooks beside the controller: what somebody's chat or pager is. It can be made to fail. */
export class HookReceiver implements AsyncDisposable {
  readonly requests: Hooked[] = [];
  readonly port: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #closed: Promise<void>;

  private constructor([file = NODE, ...args]: readonly string[], port: number) {
    this.port = port;
    this.#child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#closed = new Promise((resolve) => this.#child.once("close", () => resolve()));
    this.#child.stdin.on("error", () => {});
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      if (line === "ready") this.#ready.resolve();
      else this.requests.push(JSON.parse(line) as Hooked);
    });
    void this.#closed.then(() => this.#ready.reject(new LabError("lab/scenario", "the receiver has ended")));
  }

  readonly #ready = Promise.withResolvers<void>();

  static async start(lab: Lab, port: number): Promise<HookReceiver> {
    const node = controllerNode(lab.fabric).name;
    return HookReceiver.#open(inNamespace(namespaceOf(lab, node), [NODE, SERVER, String(port)]), port);
  }

  /** The same in the namespace of whoever calls. */
  static async startHere(port: number): Promise<HookReceiver> {
    return HookReceiver.#open([NODE, SERVER, String(port)], port);
  }

  static async #open(command: readonly string[], port: number): Promise<HookReceiver> {
    const receiver = new HookReceiver(command, port);
    await receiver.#ready.promise;
    return receiver;
  }

  /** How it answers from now on; who is still held is cut off. */
  answer(mode: Hooked["mode"]): void {
    this.#child.stdin.write(`${mode}\n`);
  }

  /** Notices that were taken and whose signature is right, in the order they came. */
  taken(path: string, secret: string): readonly Notice[] {
    return this.requests
      .filter(({ mode, path: of }) => mode === "take" && of === path)
      .filter(({ body, signature, at }) => verifyBody(body, signature ?? "", [secret], at / 1000) === "good")
      .map(({ body }) => JSON.parse(body) as Notice);
  }

  /** Waits until `holds`; false when it does not in `ms`. */
  async until(holds: () => boolean, ms: number, signal: AbortSignal): Promise<boolean> {
    for (const end = performance.now() + ms; performance.now() < end; ) {
      if (holds()) return true;
      await sleep(50, undefined, { signal });
    }
    return holds();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    this.#child.kill("SIGKILL");
    await this.#closed;
  }
}
