import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import { encodeEnvelope, openEnvelope, sign, trustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import { Aedes } from "aedes";
import { KEY, NODE, type Signed } from "./documents.ts";

/** A broker without access rules: a test may send anything to the agent. */
export class OpenBroker implements AsyncDisposable {
  readonly url: string;
  /** Topic filters that are refused, as an access list would. */
  readonly refusedFilters = new Set<string>();
  /** Whether a controller stands behind this broker that answers the node's questions. */
  answers = true;
  /** SUBSCRIBE attempts, filter by filter. */
  readonly asked: string[] = [];
  /** The last payload of each topic that anybody published to. */
  readonly last = new Map<string, Buffer>();
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answered = new Set<string>();
  #nonce: string | undefined;
  #newest: Signed | undefined;

  private constructor(aedes: Aedes, server: Server, url: string) {
    this.#aedes = aedes;
    this.#server = server;
    this.url = url;
    aedes.authorizeSubscribe = (_client, subscription, done) => {
      this.asked.push(subscription.topic);
      done(null, this.refusedFilters.has(subscription.topic) ? null : subscription);
    };
    aedes.on("publish", (packet) => this.#heard(packet.topic, Buffer.from(packet.payload)));
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
  async document(signed: Signed): Promise<void> {
    for (const { sha256, bytes } of signed.parts) await this.send(topics.part(NODE, sha256), bytes);
    this.#newest = signed;
    await this.manifest(this.#nonce === undefined ? signed.envelope : this.#answer(signed));
  }

  /** A node that holds nothing takes only what answers its number; each number is answered once. */
  #heard(topic: string, payload: Buffer): void {
    this.last.set(topic, payload);
    if (topic !== topics.up(NODE, "hello") || payload.length === 0 || !this.answers) return;
    const { nonce } = JSON.parse(Buffer.from(payload).toString("utf8")) as { readonly nonce: string };
    if (this.#answered.has(nonce)) return;
    this.#nonce = nonce;
    if (this.#newest !== undefined) void this.manifest(this.#answer(this.#newest));
  }

  #answer({ envelope }: Signed): Uint8Array {
    const opened = openEnvelope(envelope, manifestType(NODE), trustedKeys([KEY.publicKey]));
    if (!opened.ok || this.#nonce === undefined) return envelope;
    this.#answered.add(this.#nonce);
    const manifest = {
      ...(JSON.parse(Buffer.from(opened.payload).toString("utf8")) as object),
      nonce: this.#nonce,
    };
    this.#nonce = undefined;
    return encodeEnvelope(sign(manifestType(NODE), Buffer.from(JSON.stringify(manifest)), KEY));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
