import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { rulesForClients } from "@vsix/shared/mqtt/frame-scanner.ts";
import { LimitedDuplex } from "@vsix/shared/mqtt/limited-duplex.ts";
import { OctetBudget } from "@vsix/shared/mqtt/octet-budget.ts";
import { Aedes, type Client, type ConnectPacket } from "aedes";
import type { Logger } from "pino";
import type { CertificateRegistry } from "../ca/registry.ts";
import type { ServerIdentity } from "../ca/server-identity.ts";
import type { Clock } from "../clock.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { repeat } from "../jobs/repeat.ts";
import { type AccessRequest, clientIdOf, mayAccess } from "./access.ts";
import type { Broker, BrokerMessage } from "./broker.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { NodeSessions } from "./node-sessions.ts";

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxPacketBytes: number;
  readonly maxClients: number;
  /** TLS with our server certificate; every client shows one of ours that counts. Without it nobody proves anything. */
  readonly tls?: {
    readonly server: ServerIdentity;
    readonly registry: CertificateRegistry;
    readonly clock: Clock;
  };
  readonly log: Logger;
}

/** How long a client may leave its receive window shut before it is cut off, milliseconds. */
const DRAIN_TIMEOUT_MS = 5000;
/** Who has not shown a certificate yet: idle or in a handshake, which takes milliseconds. */
const STRANGERS = { strangers: 512, perAddress: 32 };
/** What one node may say: a hundred times what a busy one does, and its largest message at once. */
const NODE_BUDGET = { octetsPerS: 8_000_000, burstOctets: 32_000_000, octetsPerPacket: 4_000 };
/** How often it is looked whether a certificate has ended under a live session, milliseconds. */
const EXPIRY_EVERY_MS = 1000;
/** Failed handshakes are logged no more often, milliseconds: anybody can cause them. */
const TLS_ERRORS_EVERY_MS = 1000;

/** The broker inside the controller (aedes, MQTT 3.1.1), everything in memory: the database is the truth. */
export class EmbeddedBroker implements Broker {
  readonly url: string;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #owned: DisposableStack;

  private constructor(
    aedes: Aedes,
    server: Server,
    sockets: Set<Socket>,
    owned: DisposableStack,
    url: string,
  ) {
    this.#aedes = aedes;
    this.#owned = owned;
    this.#server = server;
    this.#sockets = sockets;
    this.url = url;
  }

  /** Starts listening. Throws ControllerError `broker` when the address cannot be had. */
  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const { log, tls } = options;
    using owned = new DisposableStack();
    const sessions = tls === undefined ? undefined : owned.use(new NodeSessions(tls.registry, tls.clock));
    const nodeOf = (client: Client | null): string | undefined =>
      sessions?.peerOf(client?.conn as Duplex | undefined)?.node;
    /** Without certificates only shapes are checked; with them whoever has none any more may do nothing. */
    const allowed = (action: AccessRequest["action"], client: Client | null, topic: string): boolean => {
      const node = nodeOf(client);
      const may = (sessions === undefined || node !== undefined) && mayAccess({ action, topic, node });
      if (!may) log.warn({ node, client: client?.id, topic: topic.slice(0, 256) }, `${action} refused`);
      return may;
    };
    const aedes = await Aedes.createBroker({
      drainTimeout: DRAIN_TIMEOUT_MS,
      connectTimeout: 10_000,
      keepaliveLimit: 0,
      maxTopicLevels: 8,
      preConnect: (client, packet, done) => {
        // No sessions are kept: what matters is retained, and queues of absent clients would grow without bound.
        packet.clean = true;
        const reason = connectRefusal(
          packet,
          sessions?.peerOf(client.conn as Duplex)?.node,
          tls !== undefined,
        );
        if (reason !== undefined) log.warn({ client: packet.clientId, reason }, "connect refused");
        // An error ends the connection; a mere "no" would leave it open and waiting.
        if (reason !== undefined) done(new Error(reason), false);
        else done(null, aedes.connectedClients < options.maxClients);
      },
      authorizePublish: (client, packet, done) =>
        done(allowed("publish", client, packet.topic) ? null : new Error("not allowed to publish there")),
      authorizeSubscribe: (client, subscription, done) =>
        done(null, allowed("subscribe", client, subscription.topic) ? subscription : null),
    });
    aedes.on("client", (client) => {
      const serial = sessions?.peerOf(client.conn as Duplex)?.serial;
      if (serial === undefined) return;
      tls?.registry.used(serial).catch((error: unknown) => {
        log.error({ client: client.id, reason: messageOf(error) }, "superseding older certificates failed");
      });
    });
    aedes.on("clientError", (client, error) => {
      log.warn({ client: client.id, reason: error.message }, "client connection failed");
    });
    aedes.on("connectionError", (_client, error) => {
      log.warn({ reason: error.message }, "connection failed before CONNECT");
    });
    const sockets = new Set<Socket>();
    const door = tls === undefined ? undefined : new Doorkeeper(STRANGERS);
    /** By node, over all its connections, so that a new connection is no new budget. */
    const budgets = new Map<string, OctetBudget>();
    const budgetOf = (node: string | undefined): OctetBudget => {
      const known = node === undefined ? undefined : budgets.get(node);
      const budget = known ?? new OctetBudget(NODE_BUDGET, performance.now());
      if (node !== undefined) budgets.set(node, budget);
      return budget;
    };
    const serve = (socket: Socket): void => {
      const stream = new LimitedDuplex(socket, rulesForClients(options.maxPacketBytes));
      const reason = sessions?.begin(socket, stream);
      if (reason !== undefined) {
        log.warn({ from: socket.remoteAddress, reason }, "connection refused: certificate");
        stream.destroy();
      } else {
        door?.proven(socket);
        stream.budget = budgetOf(sessions?.peerOf(stream)?.node);
        aedes.handle(stream);
      }
    };
    const server = tls === undefined ? createServer(serve) : tlsServer(tls.server, serve, log);
    owned.defer(tls?.server.listen((fresh) => (server as TlsServer).setSecureContext(fresh)) ?? (() => {}));
    // Before the handshake: what is one too many costs no signature.
    server.maxConnections = options.maxClients + (door === undefined ? 0 : STRANGERS.strangers);
    server.prependListener("connection", (socket: Socket) => {
      if (door?.admit(socket) === false) return;
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      socket.setNoDelay(true);
    });
    const bound = await listen(server, options.host, options.port).catch(async (error: unknown) => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      throw error;
    });
    if (sessions !== undefined && tls !== undefined) owned.defer(watchExpiry(sessions, tls.clock, log));
    const url = `${tls === undefined ? "mqtt" : "mqtts"}://${bound}`;
    return new EmbeddedBroker(aedes, server, sockets, owned.move(), url);
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
    this.#owned.dispose();
  }
}

/** Closes sessions whose certificate ends under them, until what it returns is called. */
function watchExpiry(sessions: NodeSessions, clock: Clock, log: Logger): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  void repeat({ everyMs: EXPIRY_EVERY_MS, clock, log, signal }, async () => {
    for (const node of sessions.closeExpired())
      log.warn({ node }, "session closed: its certificate has ended");
  });
  return () => stop.abort();
}

/** A TLS server that talks only to who shows a certificate of our CA. */
function tlsServer(identity: ServerIdentity, serve: (socket: Socket) => void, log: Logger): TlsServer {
  const server = createTlsServer(
    { ...identity.tls, requestCert: true, rejectUnauthorized: true, handshakeTimeout: 10_000 },
    serve,
  );
  let refused = 0;
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  server.on("tlsClientError", (error, socket) => {
    refused++;
    socket.destroy();
    const nowMs = performance.now();
    if (nowMs < quietUntilMs) return;
    quietUntilMs = nowMs + TLS_ERRORS_EVERY_MS;
    const { code, message } = error as NodeJS.ErrnoException;
    log.warn({ from: socket.remoteAddress, code, reason: message, refused }, "TLS handshake failed");
  });
  return server;
}

/** Why a CONNECT is refused; undefined when it is not. Topic of the last will counts like any other. */
function connectRefusal(
  packet: ConnectPacket,
  node: string | undefined,
  proven: boolean,
): string | undefined {
  if (!proven) return undefined;
  if (node === undefined) return "the certificate no longer counts";
  if (packet.clientId !== clientIdOf(node)) return `this is ${node}, the client id is not its own`;
  const topic = packet.will?.topic;
  if (topic === undefined || mayAccess({ action: "publish", topic, node })) return undefined;
  return `this is ${node}, the last will's topic is not its own`;
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
  return `${host.includes(":") ? `[${host}]` : host}:${actual}`;
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
