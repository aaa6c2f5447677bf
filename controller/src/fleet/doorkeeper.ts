import type { Socket } from "node:net";

export interface DoorkeeperLimits {
  /** Connections that have not proven who they are, in all. One more pushes out the oldest. */
  readonly strangers: number;
  /** Of these, from one address. One more is closed at once. */
  readonly perAddress: number;
}

/**
 * Keeps those who prove nothing from taking the places of those who do. A handshake takes a round trip or two, so whoever
 * is pushed out by newer strangers has been idle for long; a flood from one address meets that address's own limit.
 */
export class Doorkeeper {
  readonly #limits: DoorkeeperLimits;
  /** By the far end's address and port; oldest first. */
  readonly #strangers = new Map<string, Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #onRefused: () => void;
  #refused = 0;

  /** Calls back for each connection closed for want of proof. */
  constructor(limits: DoorkeeperLimits, onRefused: () => void = () => {}) {
    this.#limits = limits;
    this.#onRefused = onRefused;
  }

  /** Connections closed for want of proof, since the beginning. */
  get refused(): number {
    return this.#refused;
  }

  /** A connection has come in. False: it was closed. */
  admit(socket: Socket): boolean {
    const { strangers, perAddress } = this.#limits;
    const address = socket.remoteAddress ?? "";
    if ((this.#perAddress.get(address) ?? 0) >= perAddress) {
      this.#turnAway(socket);
      return false;
    }
    if (this.#strangers.size >= strangers) {
      const [oldest] = this.#strangers;
      if (oldest !== undefined) {
        this.#leave(oldest[0], oldest[1].remoteAddress ?? addressOf(oldest[0]));
        this.#turnAway(oldest[1]);
      }
    }
    const key = keyOf(socket);
    this.#strangers.set(key, socket);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    // The address is gone from a closed socket.
    socket.once("close", () => this.#leave(key, address));
    return true;
  }

  /** The far end of this connection, or of the TLS inside it, has shown who it is. */
  proven(socket: Socket): void {
    this.#leave(keyOf(socket), socket.remoteAddress ?? "");
  }

  #leave(key: string, address: string): void {
    if (!this.#strangers.delete(key)) return;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }

  #turnAway(socket: Socket): void {
    this.#refused++;
    this.#onRefused();
    socket.destroy();
  }
}

function keyOf({ remoteAddress = "", remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function addressOf(key: string): string {
  return key.split(" ")[0] ?? "";
}
