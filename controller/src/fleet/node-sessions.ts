import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { judgePeer, type PeerIdentity } from "../ca/peer.ts";
import type { CertificateRegistry } from "../ca/registry.ts";
import type { Clock } from "../clock.ts";

interface Session {
  readonly peer: PeerIdentity;
  readonly socket: Socket;
}

/** Who is at the other end of each connection to the embedded broker, until its certificate ceases to count. */
export class NodeSessions implements Disposable {
  readonly #registry: CertificateRegistry;
  readonly #clock: Clock;
  readonly #sessions = new Map<Duplex, Session>();
  readonly #forget: () => void;

  constructor(registry: CertificateRegistry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#forget = registry.onWithdrawn(({ serials }) => {
      this.#close(({ serial }) => serials.includes(serial));
    });
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
    const peer = stream === undefined ? undefined : this.#sessions.get(stream)?.peer;
    return peer !== undefined && peer.endsMs > this.#clock.wallMs() ? peer : undefined;
  }

  /**
   * Closes connections whose certificate has ended meanwhile: OpenSSL looks at dates in the handshake only. Returns their
   * nodes. To be called now and then; what such a connection says is nobody's from the moment itself.
   */
  closeExpired(): readonly string[] {
    const nowMs = this.#clock.wallMs();
    return this.#close(({ endsMs }) => endsMs <= nowMs);
  }

  [Symbol.dispose](): void {
    this.#forget();
    this.#sessions.clear();
  }

  #close(which: (peer: PeerIdentity) => boolean): readonly string[] {
    const closed: string[] = [];
    for (const [stream, { peer, socket }] of [...this.#sessions]) {
      if (!which(peer)) continue;
      this.#sessions.delete(stream);
      socket.destroy();
      closed.push(peer.node);
    }
    return closed;
  }
}
