import type { Logger } from "pino";
import { type BfdChange, BfdSession, type BfdSettings } from "../core/bfd/session.ts";
import { type BfdDestination, BfdSocket, bfdDestination, type ReceivedBfd } from "../io/bfd-socket.ts";
import type { LinkTable } from "../io/links.ts";
import { NetlinkError } from "../io/netlink-error.ts";

/** A neighbour to speak BFD with: both addresses of a link of ours. */
export interface BfdNeighbour extends BfdSettings {
  readonly interface: string;
  readonly address: string;
  readonly localAddress: string;
}

export interface BfdWatchOptions {
  readonly log: Logger;
  readonly links: Pick<LinkTable, "get">;
  readonly onChange: (interfaceName: string, change: BfdChange) => void;
  /** Packets are missing and the detection time will soon be over: told once, until one comes. */
  readonly onOverdue: (interfaceName: string) => void;
  /** A waking that other timers may use. */
  readonly onAwake: () => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** How long before the end of the detection time a missing packet is told of: so that a second opinion is there in time. */
const OVERDUE_BEFORE_MS = 150;
/** Packets this close to their time go together with the first: one waking serves many sessions. */
const SLACK_MS = 20;
/** How often is looked for what wakes nobody, while a session waits for just that to be up. */
const INIT_LOOK_MS = 50;
/** Until the port is tried again when somebody else has it. */
const REOPEN_MS = 5_000;

interface Watched {
  readonly neighbour: BfdNeighbour;
  readonly discriminator: number;
  readonly session: BfdSession;
  overdueTold: boolean;
  destination: BfdDestination | undefined;
}

/** BFD with every neighbour that is to have it: one pair of sockets and one timer for all sessions. */
export class BfdWatch implements AsyncDisposable {
  readonly #options: BfdWatchOptions;
  readonly #byInterface = new Map<string, Watched>();
  readonly #byDiscriminator = new Map<number, Watched>();
  #socket: BfdSocket | undefined;
  #fault: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Packets are read that are followed by {@link BfdWatch.#serve}'s own. */
  #serving = false;

  constructor(options: BfdWatchOptions) {
    this.#options = options;
  }

  /** Why there is no BFD although it is wanted. */
  get fault(): string | undefined {
    return this.#fault;
  }

  configure(neighbours: readonly BfdNeighbour[]): void {
    const nowMs = this.#options.now();
    const wanted = new Map(neighbours.map((neighbour) => [neighbour.interface, neighbour]));
    for (const watched of [...this.#byInterface.values()]) {
      const now = wanted.get(watched.neighbour.interface);
      const { address, localAddress } = watched.neighbour;
      if (now?.address !== address || now.localAddress !== localAddress) this.#forget(watched);
    }
    for (const neighbour of neighbours) {
      const before = this.#byInterface.get(neighbour.interface);
      before?.session.configure(neighbour, nowMs);
      if (before === undefined) this.#add(neighbour, nowMs);
    }
    this.#serve();
  }

  /** Whether a session is up; undefined where there is none to be. */
  isUp(interfaceName: string): boolean | undefined {
    const watched = this.#byInterface.get(interfaceName);
    return watched === undefined ? undefined : watched.session.state === "up";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    for (const watched of [...this.#byInterface.values()]) this.#forget(watched);
    await this.#socket?.[Symbol.asyncDispose]();
  }

  #add(neighbour: BfdNeighbour, nowMs: number): void {
    let discriminator = 0;
    while (discriminator === 0 || this.#byDiscriminator.has(discriminator))
      discriminator = Math.floor(this.#options.random() * 2 ** 32);
    const session = new BfdSession(discriminator, neighbour, nowMs);
    const watched: Watched = {
      neighbour,
      discriminator,
      session,
      overdueTold: false,
      destination: undefined,
    };
    this.#byInterface.set(neighbour.interface, watched);
    this.#byDiscriminator.set(discriminator, watched);
  }

  /** The neighbour is told that this end is meant (RFC 5880 section 6.8.16). */
  #forget(watched: Watched): void {
    this.#byInterface.delete(watched.neighbour.interface);
    this.#byDiscriminator.delete(watched.discriminator);
    const destination = this.#destinationOf(watched);
    if (destination === undefined || watched.session.state === "down") return;
    this.#socket?.send(destination, watched.session.shutDown());
  }

  /**
   * Which session a packet is for (RFC 5880 section 6.8.6, RFC 5881 section 3): by discriminator, by interface while the
   * neighbour knows none. Either way it must come from that neighbour by that interface.
   */
  #received({ packet, source, interfaceIndex, atMs }: ReceivedBfd): void {
    const watched =
      packet.yourDiscriminator === 0
        ? [...this.#byInterface.values()].find(({ neighbour }) => this.#indexOf(neighbour) === interfaceIndex)
        : this.#byDiscriminator.get(packet.yourDiscriminator);
    if (watched === undefined) return;
    const { neighbour, session } = watched;
    if (neighbour.address !== source || this.#indexOf(neighbour) !== interfaceIndex) return;
    watched.overdueTold = false;
    const change = session.receive(packet, atMs);
    if (change !== undefined) this.#options.onChange(neighbour.interface, change);
    const nowMs = this.#options.now();
    if (!this.#serving && session.sendMs <= nowMs) {
      this.#send(watched, nowMs, this.#options.random());
      this.#arm(nowMs);
    }
  }

  #indexOf({ interface: name }: BfdNeighbour): number | undefined {
    return this.#options.links.get(name)?.index;
  }

  /** Everything that is due: time-outs first, then packets. */
  #serve(): void {
    if (!this.#open()) return;
    const { now, onChange, onOverdue, random } = this.#options;
    this.#serving = true;
    try {
      this.#socket?.drain();
    } finally {
      this.#serving = false;
    }
    const nowMs = now();
    for (const watched of this.#byInterface.values()) {
      if (nowMs < overdueMs(watched)) continue;
      const name = watched.neighbour.interface;
      const change = watched.session.expire(nowMs);
      if (change !== undefined) onChange(name, change);
      else if (watched.session.state === "up") {
        watched.overdueTold = true;
        onOverdue(name);
      }
    }
    // One number for all: sessions with the same interval stay together.
    const shortened = random();
    for (const watched of this.#byInterface.values()) {
      if (!watched.session.isAlmostDue(nowMs, SLACK_MS)) continue;
      if (watched.session.sendMs > nowMs) watched.session.advance(nowMs);
      this.#send(watched, nowMs, shortened);
    }
    this.#arm(nowMs);
    this.#options.onAwake();
  }

  #send(watched: Watched, nowMs: number, random: number): void {
    const { session } = watched;
    const destination = this.#destinationOf(watched);
    for (
      let packet = session.take(nowMs, random);
      packet !== undefined;
      packet = session.take(nowMs, random)
    ) {
      // A packet that does not leave is as good as one lost on the way: the neighbour's silence will tell.
      if (destination !== undefined) this.#socket?.send(destination, packet);
    }
  }

  #destinationOf(watched: Watched): BfdDestination | undefined {
    const interfaceIndex = this.#indexOf(watched.neighbour);
    if (interfaceIndex === undefined) return undefined;
    if (watched.destination?.interfaceIndex !== interfaceIndex)
      watched.destination = bfdDestination({ ...watched.neighbour, interfaceIndex });
    return watched.destination;
  }

  /** When the first of all sessions is to be looked at for what has not come. */
  #lateMs(): number {
    let firstMs = Number.POSITIVE_INFINITY;
    for (const watched of this.#byInterface.values()) firstMs = Math.min(firstMs, overdueMs(watched));
    return firstMs;
  }

  #arm(nowMs: number): void {
    clearTimeout(this.#timer);
    let nextMs = this.#lateMs();
    for (const { session } of this.#byInterface.values()) {
      nextMs = Math.min(nextMs, session.sendMs);
      if (session.state === "init") nextMs = Math.min(nextMs, nowMs + INIT_LOOK_MS);
    }
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#serve(), Math.max(1, Math.ceil(nextMs - nowMs)));
  }

  /** Whether the sockets are there; they come with the first neighbour. */
  #open(): boolean {
    if (this.#socket !== undefined) return true;
    if (this.#byInterface.size === 0) return false;
    const { log, now, random } = this.#options;
    try {
      this.#socket = BfdSocket.open({ receive: (received) => this.#received(received), now, random });
      this.#fault = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      if (this.#fault === undefined) log.warn({ err: error }, "no BFD");
      this.#fault = error.message;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#serve(), REOPEN_MS);
      return false;
    }
  }
}

/** When a session is to be looked at for what has not come. */
function overdueMs({ session, overdueTold }: Watched): number {
  const { deadlineMs } = session;
  if (session.state !== "up" || overdueTold) return deadlineMs;
  return deadlineMs - Math.min(OVERDUE_BEFORE_MS, session.detectionMs / 2);
}
