import { globSync } from "node:fs";
import type { Logger } from "pino";
import type { DesiredDelegation } from "../core/delegation/desired.ts";
import { keaConfig, keaSocket } from "../core/delegation/kea-config.ts";
import { DELEGATION_PORT } from "../core/ownership.ts";
import { ResourceTable } from "../core/resource-table.ts";
import { Daemon } from "../io/daemon.ts";
import { userOf } from "../io/program-user.ts";
import { delegationDriver, endLeasesOf } from "../resources/delegation/driver.ts";
import { delegationKind } from "../resources/delegation/model.ts";
import { type Managed, manage } from "./managed-kind.ts";
import { Reconciler } from "./reconciler.ts";

export interface DelegationServerOptions {
  readonly directory: string;
  /** From 0: which of several. */
  readonly share: number;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly onChange: () => void;
}

/** Debian's user for it. The machine's own Kea has its files elsewhere. */
const USER = "_kea";
/** Debian's places of Kea's libraries, one for each architecture. */
const LEASE_COMMANDS = "/usr/lib/*/kea/hooks/libdhcp_lease_cmds.so";

/** One kea-dhcp6, a resource like any other beside the kernel's loop. It outlives the agent. */
export class DelegationServer implements AsyncDisposable {
  readonly managed: Managed;
  readonly #directory: string;
  readonly #name: string;
  readonly #daemon: Daemon;
  readonly #table = new ResourceTable(delegationKind);
  readonly #reconciler: Reconciler;

  constructor({ directory, share, log, now, onChange }: DelegationServerOptions) {
    const user = userOf(USER);
    this.#directory = directory;
    this.#name = share === 0 ? "kea-dhcp6" : `kea-dhcp6 ${share + 1}`;
    this.#daemon = new Daemon({
      directory,
      name: "kea-dhcp6",
      now,
      user,
      onEnd: (how) => {
        log.error({ how, directory }, "kea-dhcp6 has ended");
        this.managed.stale = true;
        this.#reconciler.trigger();
      },
    });
    const identity = { name: this.#name, port: DELEGATION_PORT + share };
    const driver = delegationDriver(directory, this.#daemon, user, identity);
    this.managed = manage(this.#table, driver, () => true);
    this.#reconciler = new Reconciler({ kinds: [this.managed], log, now: Date.now, onCycle: onChange });
  }

  /** Times that it was started here. */
  get starts(): number {
    return this.#daemon.starts;
  }

  /** Undefined: it should not be there. */
  configure(delegation: DesiredDelegation | undefined): void {
    const place = { directory: this.#directory, leaseCommands: globSync(LEASE_COMMANDS)[0] };
    this.#table.setDesired(
      delegation === undefined ? [] : [{ name: this.#name, config: keaConfig(delegation, place) }],
    );
    this.#reconciler.trigger();
  }

  /** Ends the leases of these prefixes, whoever has them. Throws ProgramError. */
  async endLeases(prefixes: readonly string[], signal: AbortSignal): Promise<void> {
    await endLeasesOf(keaSocket(this.#directory), prefixes, signal);
  }

  preview(): Promise<readonly string[]> {
    return this.#reconciler.preview();
  }

  /** Kea goes on: the next agent adopts it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reconciler[Symbol.asyncDispose]();
    this.#daemon[Symbol.dispose]();
  }
}
