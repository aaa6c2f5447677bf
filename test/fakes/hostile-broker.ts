import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

/** What one connection was sent, as far as the kernel took it. */
export interface HostileConnection {
  /** Octets that left this process. */
  sent: number;
  closed: boolean;
}

/** Octets to send, one chunk after another as fast as the other side reads. */
export type Attack = () => Iterable<Buffer>;

/** CONNACK, session not present, accepted (MQTT 3.1.1 section 3.2). */
export const CONNACK = Buffer.from([0x20, 2, 0, 0]);

/**
 * A fake: listens where a broker should, waits for the first octets of a CONNECT and then sends whatever an attack says,
 * reading and ignoring the rest. After the attack the connection stays open.
 */
export class HostileBroker implements AsyncDisposable {
  readonly port: number;
  readonly connections: HostileConnection[] = [];
  attack: Attack;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number, attack: Attack) {
    this.#server = server;
    this.port = port;
    this.attack = attack;
    server.on("connection", (socket) => this.#serve(socket));
  }

  static async start(attack: Attack): Promise<HostileBroker> {
    const server = createServer({ noDelay: true });
    server.listen(0, "::1");
    await once(server, "listening");
    const address = server.address();
    return new HostileBroker(
      server,
      typeof address === "object" && address !== null ? address.port : 0,
      attack,
    );
  }

  get url(): string {
    return `mqtt://[::1]:${this.port}`;
  }

  /** Closes every connection. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.drop();
    await closed;
  }

  #serve(socket: Socket): void {
    const connection: HostileConnection = { sent: 0, closed: false };
    this.connections.push(connection);
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      connection.closed = true;
      this.#sockets.delete(socket);
    });
    const chunks = this.attack()[Symbol.iterator]();
    const next = (): void => {
      const chunk = chunks.next();
      if (chunk.done === true || socket.destroyed) return;
      socket.write(chunk.value, (error) => {
        if (error) return;
        connection.sent += chunk.value.length;
        next();
      });
    };
    socket.once("data", next);
    socket.resume();
  }
}
