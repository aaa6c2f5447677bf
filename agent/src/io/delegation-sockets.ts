import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { MOST_SHARES } from "../core/delegation/shares.ts";
import { DELEGATION_PORT } from "../core/ownership.ts";

/** RFC 8415 section 7.2. */
const CLIENT_PORT = 546;
const SERVER_PORT = 547;

export interface DelegationSocketHandlers {
  /** `interface`: by which it came; `peer`: link-local, without zone. */
  readonly onClient: (interfaceName: string, peer: string, bytes: Uint8Array) => void;
  readonly onServer: (bytes: Uint8Array) => void;
  readonly onError: (error: Error) => void;
}

/**
 * Two sockets for all tunnels. What comes in there to All_DHCP_Relay_Agents_and_Servers is led to an address of ours by the packet filter
 * (`core/access-filters.ts`), which lets nothing else come to that port of it; so no membership is needed. Answers leave by a socket of
 * the same port with the tunnel's own address, since packet filters of home routers look for both; what comes in to that one is not read.
 */
export class DelegationSockets implements Disposable {
  readonly #inner: Socket;
  readonly #outer: Socket;

  /** `address`: of this node. Throws where it is not there, or the ports are taken. */
  static async open(own: string, handlers: DelegationSocketHandlers): Promise<DelegationSockets> {
    const make = (): Socket => createSocket({ type: "udp6", ipv6Only: true, reuseAddr: true });
    const sockets = new DelegationSockets(make(), make());
    try {
      await bind(sockets.#inner, own);
      await bind(sockets.#outer, "::");
    } catch (error) {
      sockets[Symbol.dispose]();
      throw error;
    }
    for (const socket of [sockets.#inner, sockets.#outer]) socket.on("error", handlers.onError);
    sockets.#inner.on("message", (bytes, { address, port }) => {
      if (address === "::1") {
        if (port >= DELEGATION_PORT && port < DELEGATION_PORT + MOST_SHARES) handlers.onServer(bytes);
        return;
      }
      const [peer = "", name] = address.split("%");
      if (name !== undefined) handlers.onClient(name, peer, bytes);
    });
    return sockets;
  }

  private constructor(inner: Socket, outer: Socket) {
    this.#inner = inner;
    this.#outer = outer;
  }

  /** What the kernel will not send is lost like anything on the way: clients ask again. */
  toServer(share: number, message: Uint8Array): void {
    this.#inner.send(message, DELEGATION_PORT + share, "::1", () => undefined);
  }

  toClient(interfaceName: string, peer: string, message: Uint8Array): void {
    this.#outer.send(message, CLIENT_PORT, `${peer}%${interfaceName}`, () => undefined);
  }

  [Symbol.dispose](): void {
    this.#inner.close();
    this.#outer.close();
  }
}

async function bind(socket: Socket, address: string): Promise<void> {
  const bound = once(socket, "listening");
  socket.bind({ address, port: SERVER_PORT, exclusive: true });
  await bound;
}
