import { createServer, type Server, type Socket } from "node:net";
import { rulesForClients } from "@vsix/shared/mqtt/frame-scanner.ts";
import { LimitedDuplex } from "@vsix/shared/mqtt/limited-duplex.ts";
import { Aedes } from "aedes";
import type { Logger } from "pino";
import { ControllerError, messageOf } from "../errors.ts";
import { mayAccess } from "./access.ts";
import type { Broker, BrokerMessage } from "./broker.ts";

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxPacketBytes: number;
  readonly maxClients: number;
  readonly log: Logger;
}

/** How long a client may leave its receive window shut before it is cut off, milliseconds. */
const DRAIN_TIMEOUT_MS = 5000;

/** The broker inside the controller (aedes, MQTT 3.1.1), everything in memory: the database is the truth. */
export class EmbeddedBroker implements Broker {
  readonly url: string;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(aedes: Aedes, server: Server, sockets: Set<Socket>, url: string) {
    this.#aedes = aedes;
    this.#server = server;
    this.#sockets = sockets;
    this.url = url;
  }

  /** Starts listening. Throws ControllerError `broker` when the address cannot be had. */
  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const { log } = options;
    const aedes = await Aedes.createBroker({
      drainTimeout: DRAIN_TIMEOUT_MS,
      connectTimeout: 10_000,
      keepaliveLimit: 0,
      maxTopicLevels: 8,
      preConnect: (_client, packet, done) => {
        // No sessions are kept: what matters is retained, and queues of absent clients would grow without bound.
        packet.clean = true;
        done(null, aedes.connectedClients < options.maxClients);
      },
      authorizePublish: (client, packet, done) => {
        const allowed = mayAccess({ action: "publish", topic: packet.topic, clientId: client?.id ?? "" });
        if (!allowed) log.warn({ client: client?.id, topic: packet.topic.slice(0, 256) }, "publish refused");
        done(allowed ? null : new Error("not allowed to publish there"));
      },
      authorizeSubscribe: (client, subscription, done) => {
        const allowed = mayAccess({ action: "subscribe", topic: subscription.topic, clientId: client.id });
        if (!allowed)
          log.warn({ client: client.id, topic: subscription.topic.slice(0, 256) }, "subscribe refused");
        done(null, allowed ? subscription : null);
      },
    });
    aedes.on("clientError", (client, error) => {
      log.warn({ client: client.id, reason: error.message }, "client connection failed");
    });
    aedes.on("connectionError", (_client, error) => {
      log.warn({ reason: error.message }, "connection failed before CONNECT");
    });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      if (sockets.size >= options.maxClients) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      socket.setNoDelay(true);
      aedes.handle(new LimitedDuplex(socket, rulesForClients(options.maxPacketBytes)));
    });
    const url = await listen(server, options.host, options.port).catch(async (error: unknown) => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      throw error;
    });
    return new EmbeddedBroker(aedes, server, sockets, url);
  }

  async publishRetained(topic: string, payload: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const packet = {
        cmd: "publish",
        topic,
        payload: Buffer.from(payload),
        qos: 1,
        retain: true,
        dup: false,
      } as const;
      this.#aedes.publish(packet, (error) => {
        if (error)
          reject(new ControllerError("broker", `publish ${topic}: ${error.message}`, { cause: error }));
        else resolve();
      });
    });
  }

  async subscribe(filter: string, handler: (message: BrokerMessage) => void): Promise<void> {
    for await (const packet of retainedBy(this.#aedes, filter)) {
      handler({ topic: packet.topic, payload: bytesOf(packet.payload), replayed: true });
    }
    await new Promise<void>((resolve) => {
      this.#aedes.subscribe(
        filter,
        (packet, done) => {
          handler({ topic: packet.topic, payload: bytesOf(packet.payload), replayed: false });
          done();
        },
        resolve,
      );
    });
  }

  onReconnect(): void {
    // Lives and dies with this process: there is no connection to lose.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new ControllerError("broker", `mqtt.listen ${host} port ${port}: ${messageOf(cause)}`, { cause }),
      );
    });
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  return `mqtt://${host.includes(":") ? `[${host}]` : host}:${actual}`;
}

interface RetainedMessage {
  readonly topic: string;
  readonly payload: string | Buffer;
}

/** aedes subscribes its own process without replaying what is retained, and leaves the store out of its types. */
function retainedBy(aedes: Aedes, filter: string): AsyncIterable<RetainedMessage> {
  const { persistence } = aedes as unknown as {
    persistence: { createRetainedStreamCombi(filters: string[]): AsyncIterable<RetainedMessage> };
  };
  return persistence.createRetainedStreamCombi([filter]);
}

function bytesOf(payload: string | Buffer): Uint8Array {
  return typeof payload === "string" ? Buffer.from(payload) : payload;
}
