import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** Longest request line, octets. */
const MAX_REQUEST = 4096;
/** Longest answer, characters: a plan of a full table is far below. */
const MAX_REPLY = 256 * 1024 * 1024;
const REPLY_TIMEOUT_MS = 30_000;

export class ControlError extends VsixError<"no-agent" | "refused" | "in-use"> {}

export type ControlHandler = (command: string) => Promise<unknown>;

/** Local questions to a running agent: one line with a command in, one line of JSON out. Mode 0600. */
export class ControlSocket implements AsyncDisposable {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Throws {@link ControlError} `in-use` when another agent answers there, or the listener's error. */
  static async listen(path: string, handler: ControlHandler): Promise<ControlSocket> {
    if (await answers(path))
      throw new ControlError(
        "in-use",
        `another agent is running with this state directory: it answers on ${path}`,
      );
    rmSync(path, { force: true });
    const server = createServer();
    const control = new ControlSocket(server);
    server.on("connection", (client) => control.#serve(client, handler));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    return control;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(client: Socket, handler: ControlHandler): void {
    this.#clients.add(client);
    client.on("close", () => this.#clients.delete(client));
    client.on("error", () => client.destroy());
    let request = "";
    client.setEncoding("utf8").on("data", (chunk: string) => {
      request += chunk;
      if (request.length > MAX_REQUEST) client.destroy();
      const end = request.indexOf("\n");
      if (end < 0) return;
      const command = request.slice(0, end);
      request = "";
      handler(command).then(
        (result) => client.end(`${JSON.stringify({ ok: true, result })}\n`),
        (error: unknown) =>
          client.end(
            `${JSON.stringify({ ok: false, reason: error instanceof Error ? error.message : String(error) })}\n`,
          ),
      );
    });
  }
}

/** Whether a process listens there; a socket left behind by a killed one does not count. */
async function answers(path: string): Promise<boolean> {
  const client = connect(path);
  try {
    return await new Promise<boolean>((resolve) => {
      client.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
  } finally {
    client.destroy();
  }
}

/** Asks the agent behind `path`. Throws {@link ControlError} `no-agent` when none listens, or answers within `timeoutMs`. */
export async function askAgent(
  path: string,
  command: string,
  timeoutMs = REPLY_TIMEOUT_MS,
): Promise<unknown> {
  const reply = await new Promise<string>((resolve, reject) => {
    const client = connect(path);
    let text = "";
    client
      .setEncoding("utf8")
      .setTimeout(timeoutMs, () => client.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    client.on("connect", () => client.write(`${command}\n`));
    client.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > MAX_REPLY) client.destroy(new Error("its answer has no end"));
    });
    client.on("end", () => resolve(text));
    client.on("error", (cause) =>
      reject(
        new ControlError("no-agent", `nobody answers on ${path}: nothing of ours runs there`, { cause }),
      ),
    );
  });
  if (!reply.endsWith("\n"))
    throw new ControlError("no-agent", `the agent on ${path} ended while it was asked`);
  const parsed = JSON.parse(reply) as {
    readonly ok: boolean;
    readonly result?: unknown;
    readonly reason?: string;
  };
  if (!parsed.ok) throw new ControlError("refused", parsed.reason ?? "the agent refused");
  return parsed.result;
}
