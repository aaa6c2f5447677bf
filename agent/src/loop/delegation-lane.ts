import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { DesiredDelegation } from "../core/delegation/desired.ts";
import { Relay } from "../core/delegation/relay.ts";
import { MOST_SHARES, shareOf, shareOut, sharesFor } from "../core/delegation/shares.ts";
import { DelegationSockets } from "../io/delegation-sockets.ts";
import type { DelegationFigures } from "../metrics/figures.ts";
import { DelegationServer } from "./delegation-server.ts";
import type { Managed } from "./managed-kind.ts";

export interface DelegationLaneOptions {
  /** Where programs have their files, a directory each. */
  readonly runDir: string;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly onChange: () => void;
}

/** Pause before sockets that could not be had are asked for again. */
const SOCKET_PAUSE_MS = 1_000;

/**
 * Prefixes told in tunnels by DHCPv6: one kea-dhcp6 or several that share the tunnels, and a relay to them. Kea outlives the agent, and
 * the routes need neither.
 */
export class DelegationLane implements AsyncDisposable {
  readonly relay = new Relay();
  readonly #options: DelegationLaneOptions;
  readonly #abort = new AbortController();
  /** From 0 on, as many as there are shares; those past that were more once, and are ended. */
  readonly #servers: DelegationServer[] = [];
  #shares = 0;
  #desired: DesiredDelegation | undefined;
  #sockets: DelegationSockets | undefined;
  #opening = false;
  #timer: NodeJS.Timeout | undefined;
  #socketFault: string | undefined;
  #takeOverFault: string | undefined;

  constructor(options: DelegationLaneOptions) {
    this.#options = options;
  }

  /** None while this node never had a tunnel with delegation. */
  get kinds(): readonly Managed[] {
    return this.#servers.map(({ managed }) => managed);
  }

  /** What should be looked at by somebody. */
  get waiting(): ReadonlyMap<string, string> {
    return new Map(
      Object.entries({
        "delegation relay": this.#socketFault,
        "delegation takeover": this.#takeOverFault,
      }).flatMap(([object, reason]) => (reason === undefined ? [] : [[object, reason] as const])),
    );
  }

  /** Devices of tunnels in which a prefix was told since this agent began, and until when it is valid: milliseconds since the epoch. */
  get leases(): ReadonlyMap<string, number> {
    const nowMs = Date.now();
    const valid = this.relay.leases.filter(({ untilMs }) => untilMs > nowMs);
    return new Map(valid.map(({ interface: name, untilMs }) => [name, untilMs]));
  }

  /** Undefined while nothing is told. */
  get figures(): DelegationFigures | undefined {
    if (this.#desired === undefined) return undefined;
    const starts = this.#servers.reduce((sum, server) => sum + server.starts, 0);
    return { counters: this.relay.counters, leases: this.leases.size, starts };
  }

  configure(delegation: DesiredDelegation | undefined): void {
    // Nobody has Kea started for tunnels that are not there.
    const wanted = delegation !== undefined && delegation.tunnels.length > 0 ? delegation : undefined;
    // Servers of an agent before this one are found by their directories.
    if (this.#servers.length === 0)
      for (let share = 0; share < MOST_SHARES; share++)
        if (existsSync(this.#directory(share))) this.#shares = share + 1;
    if (wanted === undefined && this.#servers.length === 0 && this.#shares === 0) return;
    if (wanted?.link !== this.#desired?.link) this.#close();
    this.#desired = wanted;
    this.relay.configure(wanted);
    const before = this.#shares;
    if (wanted !== undefined) this.#shares = sharesFor(wanted.tunnels.length, before);
    for (let share = this.#servers.length; share < Math.max(before, this.#shares); share++)
      this.#servers.push(this.#server(share));
    const parts = wanted === undefined ? [] : shareOut(wanted, this.#shares);
    for (const [share, server] of this.#servers.entries()) server.configure(parts[share]);
    if (wanted === undefined) this.#close();
    else void this.#open();
  }

  /** What a cycle would do now. Changes nothing. */
  async preview(): Promise<readonly string[]> {
    const each = await Promise.all(this.#servers.map((server) => server.preview()));
    return each.flat();
  }

  /** Kea goes on: the next agent adopts it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    this.#close();
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()));
  }

  #directory(share: number): string {
    return join(this.#options.runDir, share === 0 ? "delegation" : `delegation-${share + 1}`);
  }

  #server(share: number): DelegationServer {
    const { log, now, onChange } = this.#options;
    return new DelegationServer({ directory: this.#directory(share), share, log, now, onChange });
  }

  async #open(): Promise<void> {
    const link = this.#desired?.link;
    if (link === undefined || this.#sockets !== undefined || this.#opening || this.#abort.signal.aborted)
      return;
    this.#opening = true;
    try {
      const sockets = await DelegationSockets.open(link, {
        onClient: (name, peer, bytes) => this.#fromClient(name, peer, bytes),
        onServer: (bytes) => this.#fromServer(bytes),
        onError: (error) => this.#lost(error),
      });
      if (this.#desired?.link !== link || this.#abort.signal.aborted) sockets[Symbol.dispose]();
      else this.#sockets = sockets;
      this.#fault(undefined);
    } catch (error) {
      this.#lost(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#opening = false;
    }
    // Another address is wanted by now.
    if (this.#socketFault === undefined && this.#sockets === undefined) void this.#open();
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#sockets?.[Symbol.dispose]();
    this.#sockets = undefined;
  }

  #lost(error: Error): void {
    this.#close();
    if (this.#abort.signal.aborted || this.#desired === undefined) return;
    const { code } = error as NodeJS.ErrnoException;
    this.#fault(
      code === "EADDRINUSE"
        ? "another program has UDP port 547: stop its DHCPv6 server or relay, or bind it to its own addresses"
        : error.message,
    );
    this.#timer = setTimeout(() => void this.#open(), SOCKET_PAUSE_MS).unref();
  }

  #fault(reason: string | undefined): void {
    if (this.#socketFault === reason) return;
    this.#socketFault = reason;
    if (reason !== undefined) this.#options.log.error({ reason }, "cannot relay");
    this.#options.onChange();
  }

  #fromClient(name: string, peer: string, bytes: Uint8Array): void {
    const next = this.relay.fromClient(name, peer, bytes);
    if (next.op === "forward") this.#sockets?.toServer(shareOf(name, this.#shares), next.message);
  }

  #fromServer(bytes: Uint8Array): void {
    const next = this.relay.fromServer(bytes, this.#options.now(), Date.now());
    if (next.op === "answer") this.#sockets?.toClient(next.interface, next.peer, next.message);
    else if (next.op === "take-over") void this.#takeOver(next.interface, next.prefixes);
  }

  async #takeOver(name: string, prefixes: readonly string[]): Promise<void> {
    const { log, onChange } = this.#options;
    let reason: string | undefined;
    try {
      await this.#servers[shareOf(name, this.#shares)]?.endLeases(prefixes, this.#abort.signal);
      log.info({ interface: name }, "another router in the tunnel: the lease of the one before is ended");
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      reason = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      log.error({ interface: name, err: error }, "the lease of a router of before cannot be ended");
    }
    if (this.#takeOverFault === reason) return;
    this.#takeOverFault = reason;
    onChange();
  }
}
