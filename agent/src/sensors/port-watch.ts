import type { InterfacePart } from "@vsix/shared/contract/part-fabric.ts";
import type { Counters } from "@vsix/shared/contract/up.ts";
import type { Logger } from "pino";
import { NetlinkSocket } from "../io/netlink.ts";
import { NETLINK_NETFILTER } from "../io/netlink-port.ts";
import type { NftCounter } from "../wire/netlink/nft-counter.ts";
import {
  destinationOctets,
  type PortCounters,
  pairPortCounters,
  readCounters,
  watchPortCounters,
} from "./counters.ts";
import { type LinkErrors, readLinkErrors } from "./link-errors.ts";

export interface PortWatchOptions {
  readonly node: string;
  readonly log: Logger;
  /** This node has counters of ports that face Edges. */
  readonly facesEdges: boolean;
  /** Our ports as of now. */
  readonly interfaces: () => readonly InterfacePart[];
  readonly publish: (counters: Counters) => void;
}

const COUNTERS_EVERY_MS = 1_000;
/** Errors are few and cost a dump of all devices: read so often, and all there is to read where no port faces an Edge. */
const LINK_ERRORS_EVERY_MS = 5_000;
/** Traffic of destinations: as often as its readers decide, and no more, for they may be a thousand. */
const DESTINATIONS_EVERY_MS = 5_000;

/** Tells what our ports carried, and what went wrong at them. */
export class PortWatch implements AsyncDisposable {
  readonly #options: PortWatchOptions;
  readonly #abort = new AbortController();
  readonly #watching: Promise<void>;
  #ports: readonly PortCounters[] = [];
  #errors: LinkErrors[] = [];
  #errorsAtMs = Number.NEGATIVE_INFINITY;
  #destinationsAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PortWatchOptions) {
    this.#options = options;
    this.#watching = this.#watch();
  }

  /** Port counters as they were read last; none where there are none. */
  get ports(): readonly PortCounters[] {
    return this.#ports;
  }

  /** Load and errors of our ports as they were read last. */
  get links(): readonly LinkErrors[] {
    return this.#errors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { facesEdges, log, publish } = this.#options;
    await using netfilter = NetlinkSocket.open(NETLINK_NETFILTER);
    await using netlink = NetlinkSocket.open();
    await watchPortCounters(
      {
        intervalMs: facesEdges ? COUNTERS_EVERY_MS : LINK_ERRORS_EVERY_MS,
        read: async (signal) => {
          await this.#lookForErrors(netlink, signal);
          return facesEdges ? readCounters(netfilter, signal) : [];
        },
        onCounters: (counters) => {
          this.#ports = pairPortCounters(counters);
          publish({ ...this.#counters(), ...this.#destinations(counters) });
        },
        onError: (error) => log.debug({ err: String(error) }, "port counters not read"),
      },
      this.#abort.signal,
    );
  }

  async #lookForErrors(netlink: NetlinkSocket, signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    // Timers come a little early or late: half a reading before its time is in time.
    if (nowMs - this.#errorsAtMs < LINK_ERRORS_EVERY_MS - COUNTERS_EVERY_MS / 2) return;
    this.#errorsAtMs = nowMs;
    this.#errors = await readLinkErrors(netlink, this.#options.interfaces(), signal);
  }

  #destinations(counters: readonly NftCounter[]): Pick<Counters, "destinations"> {
    const nowMs = performance.now();
    if (nowMs - this.#destinationsAtMs < DESTINATIONS_EVERY_MS - COUNTERS_EVERY_MS / 2) return {};
    const destinations = destinationOctets(counters);
    if (destinations.length === 0) return {};
    this.#destinationsAtMs = nowMs;
    return { destinations };
  }

  #counters(): Counters {
    const { node, interfaces } = this.#options;
    const peerOf = (name: string): string => interfaces().find((port) => port.name === name)?.peer ?? name;
    return {
      version: 1,
      node,
      at: new Date().toISOString(),
      ports: this.#ports.map((port) => ({ ...port, peer: peerOf(port.interface) })),
      links: this.#errors,
    };
  }
}
