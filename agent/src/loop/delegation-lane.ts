import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { DesiredDelegation } from "../core/delegation/desired.ts";
import { keaConfig, keaSocket } from "../core/delegation/kea-config.ts";
import { Relay } from "../core/delegation/relay.ts";
import { ResourceTable } from "../core/resource-table.ts";
import { Daemon } from "../io/daemon.ts";
import { DelegationSockets } from "../io/delegation-sockets.ts";
import { userOf } from "../io/program-user.ts";
import type { DelegationFigures } from "../metrics/figures.ts";
import { delegationDriver, endLeasesOf } from "../resources/delegation/driver.ts";
import { delegationKind } from "../resources/delegation/model.ts";
import { type Managed, manage } from "./managed-kind.ts";
import { Reconciler } from "./reconciler.ts";

export interface DelegationLaneOptions {
  /** Where programs have their files, a directory each. */
  readonly runDir: string;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly onChange: () => void;
}

/** Debian's user for it. The machine's own Kea has its files elsewhere. */
const USER = "_kea";
/** Debian's places of Kea's libraries, one for each architecture. */
const LEASE_COMMANDS = "/usr/lib/*/kea/hooks/libdhcp_lease_cmds.so";
/** Pause before sockets that could not be had are asked for again. */
const SOCKET_PAUSE_MS = 1_000;

/**
 * Prefixes told in tunnels by DHCPv6: one kea-dhcp6, a resource like any other beside the kernel's loop, and a relay to it. Kea outlives the
 * agent, and the routes need neither.
 */
export class DelegationLane implements AsyncDisposable {
  readonly relay = new Relay();
  readonly #options: DelegationLaneOptions;
  readonly #directory: string;
  readonly #abort = new AbortController();
  readonly #table = new ResourceTable(delegationKind);
  #daemon: Daemon | undefined;
  #managed: Managed | undefined;
  #reconciler: Reconciler | undefined;
  #desired: DesiredDelegation | undefined;
  #sockets: DelegationSockets | undefined;
  #opening = false;
  #timer: NodeJS.Timeout | undefined;
  #socketFault: string | undefined;
  #takeOverFault: string | undefined;

  constructor(options: DelegationLaneOptions) {
    this.#options = options;
    this.#directory = join(options.runDir, "delegation");
  }

  /** None while this node never had a tunnel with delegation. */
  get kinds(): readonly Managed[] {
    return this.#managed === undefined ? [] : [this.#managed];
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
    return { counters: this.relay.counters, leases: this.leases.size, starts: this.#daemon?.starts ?? 0 };
  }

  configure(delegation: DesiredDelegation | undefined): void {
    // Nobody has Kea started for tunnels that are not there.
    const wanted = delegation !== undefined && delegation.tunnels.length > 0 ? delegation : undefined;
    if (wanted === undefined && this.#reconciler === undefined && !existsSync(this.#directory)) return;
    if (wanted?.link !== this.#desired?.link) this.#close();
    this.#desired = wanted;
    this.relay.configure(wanted);
    if (this.#reconciler === undefined) this.#begin();
    this.#table.setDesired(
      wanted === undefined ? [] : [{ name: "kea-dhcp6", config: keaConfig(wanted, this.#place()) }],
    );
    this.#reconciler?.trigger();
    if (wanted === undefined) this.#close();
    else void this.#open();
  }

  /** What a cycle would do now. Changes nothing. */
  async preview(): Promise<readonly string[]> {
    return (await this.#reconciler?.preview()) ?? [];
  }

  /** Kea goes on: the next agent adopts it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    this.#close();
    await this.#reconciler?.[Symbol.asyncDispose]();
    this.#daemon?.[Symbol.dispose]();
  }

  #place() {
    return { directory: this.#directory, leaseCommands: globSync(LEASE_COMMANDS)[0] };
  }

  #begin(): void {
    const { log, now, onChange } = this.#options;
    const user = userOf(USER);
    this.#daemon = new Daemon({
      directory: this.#directory,
      name: "kea-dhcp6",
      now,
      user,
      onEnd: (how) => {
        log.error({ how }, "kea-dhcp6 has ended");
        if (this.#managed !== undefined) this.#managed.stale = true;
        this.#reconciler?.trigger();
      },
    });
    this.#managed = manage(this.#table, delegationDriver(this.#directory, this.#daemon, user), () => true);
    this.#reconciler = new Reconciler({ kinds: [this.#managed], log, now: Date.now, onCycle: onChange });
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
    if (next.op === "forward") this.#sockets?.toServer(next.message);
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
      await endLeasesOf(keaSocket(this.#directory), prefixes, this.#abort.signal);
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
