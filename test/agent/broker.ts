import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { topics } from "@vsix/shared/contract/topics.ts";
import { Aedes } from "aedes";
import { NODE, type Signed } from "./documents.ts";

/** A broker without access rules: a test may send anything to the agent. */
export class OpenBroker implements AsyncDisposable {
  readonly url: string;
  /** Topic filters that are refused, as an access list would. */
  readonly refusedFilters = new Set<string>();
  /** SUBSCRIBE attempts, filter by filter. */
  readonly asked: string[] = [];
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(aedes: Aedes, server: Server, url: string) {
    this.#aedes = aedes;
    this.#server = server;
    this.url = url;
    aedes.authorizeSubscribe = (_client, subscription, done) => {
      this.asked.push(subscription.topic);
      done(null, this.refusedFilters.has(subscription.topic) ? null : subscription);
    };
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** @param port 0: any free one. */
  static async start(port = 0): Promise<OpenBroker> {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => aedes.handle(socket));
    server.listen(port, "::1");
    await once(server, "listening");
    const address = server.address();
    const number = typeof address === "object" && address !== null ? address.port : 0;
    return new OpenBroker(aedes, server, `mqtt://[::1]:${number}`);
  }

  /** What is retained under a topic. */
  async retained(topic: string): Promise<Buffer | undefined> {
    const { persistence } = this.#aedes as unknown as {
      persistence: {
        createRetainedStreamCombi(filters: string[]): AsyncIterable<{ payload: Buffer }>;
      };
    };
    for await (const { payload } of persistence.createRetainedStreamCombi([topic])) return payload;
    return undefined;
  }

  /** Retained unless told; done when the broker has it. */
  async send(topic: string, payload: Uint8Array, retain = true): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#aedes.publish(
        { cmd: "publish", topic, payload: Buffer.from(payload), qos: 1, retain, dup: false },
        (error) => (error ? reject(error) : resolve()),
      ),
    );
  }

  async manifest(envelope: Uint8Array): Promise<void> {
    await this.send(topics.manifest(NODE), envelope);
  }

  /** Parts first, then the manifest, as a controller does. */
  async document({ envelope, parts }: Signed): Promise<void> {
    for (const { sha256, bytes } of parts) await this.send(topics.part(NODE, sha256), bytes);
    await this.manifest(envelope);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
