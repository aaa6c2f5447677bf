import type { NeighbourPart } from "@vsix/shared/contract/part-bgp.ts";
import type { InterfacePart } from "@vsix/shared/contract/part-fabric.ts";
import type { Logger } from "pino";
import type { BfdChange } from "../core/bfd/session.ts";
import type { LinkTable } from "../io/links.ts";
import { BfdWatch } from "./bfd.ts";
import { EchoChecks } from "./echo-check.ts";
import { LivenessWatch, type Neighbour } from "./liveness.ts";

/** Steady echoes and those of a check carry identifiers of their own. */
export type EchoPurpose = "steady" | "check";

export interface LinkLifeOptions {
  readonly log: Logger;
  readonly links: LinkTable;
  readonly sendEcho: (purpose: EchoPurpose, neighbour: Neighbour, sequence: number) => void;
  /** Reads echo replies that have come and were not told yet. */
  readonly drainEchoes: () => void;
  /** A neighbour fell silent, or is back. */
  readonly onLife: (interfaceName: string, alive: boolean) => void;
  /** A BFD session came up or went down. */
  readonly onBfd: () => void;
  /** A waking that other timers may use. */
  readonly onAwake: () => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** In [0, 1), not to be foreseen. */
  readonly random: () => number;
}

/** What is to be known of an interface and of a BGP neighbour. */
type Port = Pick<InterfacePart, "name" | "faces" | "peerAddress">;
type Speaker = Pick<NeighbourPart, "interface" | "address" | "localAddress" | "bfd">;

/**
 * Which neighbours are silent. BFD watches where both ends speak it; else steady echoes do. BFD is ended by the death of a
 * program, which says nothing of the link: so when it goes down, the neighbour's kernel is asked by three echoes, and only
 * a link on which those are lost too is silent. A neighbour that never answered an echo is judged by BFD alone.
 */
export class LinkLife implements AsyncDisposable {
  readonly #options: LinkLifeOptions;
  readonly #steady: LivenessWatch;
  readonly #checks: EchoChecks;
  readonly #bfd: BfdWatch;
  readonly #neighbours = new Map<string, Neighbour>();
  /** Neighbours that answer no echoes and whose BFD went down. */
  readonly #deadByBfd = new Set<string>();

  constructor(options: LinkLifeOptions) {
    this.#options = options;
    const { log, links, now, random, onAwake, onLife, sendEcho, drainEchoes } = options;
    this.#bfd = new BfdWatch({
      log,
      links,
      now,
      random,
      onChange: (name, change) => this.#bfdChanged(name, change),
      onOverdue: (name) => this.#ask(name),
      onAwake,
    });
    this.#steady = new LivenessWatch({
      sendEcho: (neighbour, sequence) => sendEcho("steady", neighbour, sequence),
      onLife,
      hasCarrier: (name) => this.#hasCarrier(name),
      isQuiet: (name) => this.#bfd.isUp(name) === true,
      now,
    });
    this.#checks = new EchoChecks({
      sendEcho: (neighbour, sequence) => sendEcho("check", neighbour, sequence),
      drain: drainEchoes,
      onVerdict: (name, alive) => this.#verdict(name, alive),
      random,
    });
  }

  configure(ports: readonly Port[], bgpNeighbours: readonly Speaker[]): void {
    const speakers = bgpNeighbours.flatMap(({ bfd, ...neighbour }) =>
      bfd === undefined ? [] : [{ ...neighbour, ...bfd }],
    );
    const spoken = new Set(speakers.map((speaker) => speaker.interface));
    // Echoes go to the backbone, and wherever BFD needs a second opinion: thousands of Edges are not asked all the time.
    const neighbours = ports
      .filter(({ name, faces }) => (faces !== "edge" && faces !== "upstream") || spoken.has(name))
      .map(({ name, peerAddress }): Neighbour => ({ interface: name, address: peerAddress }));
    const kept = new Set(neighbours.map(({ interface: name }) => name));
    for (const name of this.#neighbours.keys()) if (!kept.has(name)) this.#checks.cancel(name);
    this.#neighbours.clear();
    for (const neighbour of neighbours) this.#neighbours.set(neighbour.interface, neighbour);
    for (const name of this.#deadByBfd) if (!spoken.has(name)) this.#deadByBfd.delete(name);
    this.#steady.configure(neighbours);
    this.#bfd.configure(speakers);
  }

  isDead(interfaceName: string): boolean {
    return this.#steady.isDead(interfaceName) || this.#deadByBfd.has(interfaceName);
  }

  /** Whether BFD is up on an interface; undefined where it is not wanted. */
  isBfdUp(interfaceName: string): boolean | undefined {
    return this.#bfd.isUp(interfaceName);
  }

  /** Why there is no BFD although it is wanted. */
  get fault(): string | undefined {
    return this.#bfd.fault;
  }

  answered(purpose: EchoPurpose, sequence: number, interfaceName: string): void {
    (purpose === "steady" ? this.#steady : this.#checks).answered(sequence, interfaceName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#steady[Symbol.dispose]();
    this.#checks[Symbol.dispose]();
    await this.#bfd[Symbol.asyncDispose]();
  }

  #bfdChanged(name: string, { up, reason }: BfdChange): void {
    const { log, onBfd, onLife } = this.#options;
    log.info({ link: name, reason }, up ? "BFD is up" : "BFD is down");
    this.#steady.wake();
    if (up) {
      if (this.#deadByBfd.delete(name)) onLife(name, true);
    } else if (this.#hasCarrier(name) && (reason === "timeout" || reason === "signalled")) {
      if (this.#steady.lifeOf(name) !== "unknown") this.#ask(name);
      else {
        this.#deadByBfd.add(name);
        onLife(name, false);
      }
    }
    onBfd();
  }

  /** Only of a neighbour that is known to answer is there something to learn. */
  #ask(name: string): void {
    const neighbour = this.#neighbours.get(name);
    if (neighbour !== undefined && this.#steady.lifeOf(name) === "alive") this.#checks.begin(neighbour);
  }

  #verdict(name: string, alive: boolean): void {
    if (alive || this.#bfd.isUp(name) === true || !this.#hasCarrier(name)) return;
    this.#steady.declareDead(name);
  }

  #hasCarrier(name: string): boolean {
    const link = this.#options.links.get(name);
    return link?.up === true && link.carrier;
  }
}
