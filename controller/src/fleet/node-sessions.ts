import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { judgePeer, type PeerIdentity } from "../ca/peer.ts";
import type { CertificateRegistry } from "../ca/registry.ts";

interface Session {
  readonly peer: PeerIdentity;
  readonly socket: Socket;
}

/** Who is at the other end of each connection to the embedded broker, until its certificate ceases to count. */
export class NodeSessions implements Disposable {
  readonly #registry: CertificateRegistry;
  readonly #sessions = new Map<Duplex, Session>();
  readonly #forget: () => void;

  constructor(registry: CertificateRegistry) {
    this.#registry = registry;
    this.#forget = registry.onWithdrawn(({ serials }) => this.#close(new Set(serials)));
  }

  /** Takes up a connection; why not, when it cannot be. `stream` is what the broker knows it by. */
  begin(socket: Socket, stream: Duplex): string | undefined {
    if (!(socket instanceof TLSSocket)) return "it has no TLS";
    const judged = judgePeer(socket, this.#registry);
    if (!judged.ok) return judged.reason;
    this.#sessions.set(stream, { peer: judged.peer, socket });
    socket.once("close", () => this.#sessions.delete(stream));
    return undefined;
  }

  /** Undefined once its certificate does not count any more: whatever still comes is nobody's. */
  peerOf(stream: Duplex | undefined): PeerIdentity | undefined {
    return stream === undefined ? undefined : this.#sessions.get(stream)?.peer;
  }

  [Symbol.dispose](): void {
    this.#forget();
    this.#sessions.clear();
  }

  #close(serials: ReadonlySet<string>): void {
    for (const [stream, { peer, socket }] of [...this.#sessions]) {
      if (!serials.has(peer.serial)) continue;
      this.#sessions.delete(stream);
      socket.destroy();
    }
  }
}
