import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { nameOf } from "./access-clients.ts";

/** Copies octets between a TCP port and a socket in the file system, which network namespaces have in common. */
const INSIDE = `
const net = require("net");
const [port, path] = process.argv.slice(1);
net.createServer((a) => {
  const b = net.connect(path);
  for (const one of [a, b]) one.on("error", () => { a.destroy(); b.destroy(); });
  a.pipe(b).pipe(a);
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));`;

/** Makes 127.0.0.1:PORT of this namespace reachable under the same name in another one. Stands in for a network between the two. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #child: ChildProcess;

  private constructor(server: Server, child: ChildProcess) {
    this.#server = server;
    this.#child = child;
  }

  static async start(node: string, port: number, directory: string): Promise<Relay> {
    const path = join(directory, `relay-${node}-${port}`);
    const server = createServer((a) => {
      const b = connect(port, "127.0.0.1");
      for (const one of [a, b])
        one.on("error", () => {
          a.destroy();
          b.destroy();
        });
      a.pipe(b).pipe(a);
    }).listen(path);
    await once(server, "listening");
    const command = ["netns", "exec", nameOf(node), process.execPath, "-e", INSIDE, String(port), path];
    const child = spawn("ip", command, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    return new Relay(server, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    this.#server.close();
  }
}
