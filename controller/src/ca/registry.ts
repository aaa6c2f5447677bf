import type { Logger } from "pino";
import { type Clock, timestamp } from "../clock.ts";
import type { CertificateTable } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { BACKDATE_DAYS } from "./authority.ts";
import { daysAfter } from "./certificates.ts";

export type CertificateState = CertificateTable["state"];

/** These certificates no longer count; what they opened is to be closed. */
export interface Withdrawal {
  readonly node: string;
  readonly serials: readonly string[];
  readonly state: Exclude<CertificateState, "active">;
}

/** Refusal, or undefined when the certificate counts. */
export type Judgement = string | undefined;

/**
 * Which of the certificates that we issued still count. The database is the truth; this is its image in memory, for TLS
 * handshakes and every message ask it.
 */
export class CertificateRegistry {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #rows = new Map<string, CertificateTable>();
  /** Serials by node: every status asks for each node's newest. */
  readonly #serials = new Map<string, Set<string>>();
  readonly #listeners = new Set<(withdrawal: Withdrawal) => void | Promise<void>>();
  readonly #issueListeners = new Set<() => Promise<void>>();
  #changes = 0;

  private constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  static async open(store: Store, clock: Clock, log: Logger): Promise<CertificateRegistry> {
    const registry = new CertificateRegistry(store, clock, log);
    for (const row of await store.read.certificates()) registry.#keep(row);
    return registry;
  }

  /** Why a certificate with this serial cannot speak for this node. */
  judge(serial: string, node: string): Judgement {
    const row = this.#rows.get(serial);
    if (row === undefined) return "was not issued by this controller";
    if (row.node !== node) return `is the certificate of ${row.node}`;
    return row.state === "active" ? undefined : `is ${row.state}`;
  }

  /** Grows whenever a certificate is added or its state is another. */
  get changes(): number {
    return this.#changes;
  }

  row(serial: string): CertificateTable | undefined {
    return this.#rows.get(serial);
  }

  /** The node's newest certificate that counts, else its newest. */
  newest(node: string): CertificateTable | undefined {
    const rows = this.#of(node);
    return rows.filter(({ state }) => state === "active").at(-1) ?? rows.at(-1);
  }

  active(): readonly CertificateTable[] {
    return [...this.#rows.values()].filter(({ state }) => state === "active");
  }

  /** How many certificates a node was given since a time. */
  issuedSince(node: string, sinceMs: number): number {
    const earliest = daysAfter(new Date(sinceMs), -BACKDATE_DAYS).getTime();
    return this.#of(node).filter(({ starts }) => Date.parse(starts) >= earliest).length;
  }

  /** What brokers that cannot ask us must refuse: withdrawn, and not yet expired. */
  withdrawn(): readonly CertificateTable[] {
    const nowMs = this.#clock.wallMs();
    return [...this.#rows.values()].filter(
      ({ state, ends }) => state !== "active" && Date.parse(ends) > nowMs,
    );
  }

  /** Takes up a certificate whose row a transaction has committed; resolves when whoever must know does. */
  async added(row: CertificateTable): Promise<void> {
    this.#keep(row);
    await Promise.all([...this.#issueListeners].map((listener) => listener()));
  }

  /** A certificate has proved to be in use: the node's earlier ones are superseded. */
  async used(serial: string): Promise<void> {
    const row = this.#rows.get(serial);
    if (row === undefined) return;
    const older = this.#of(row.node).filter(({ number, state }) => state === "active" && number < row.number);
    if (older.length === 0) return;
    await this.#withdraw(row.node, older, "superseded", async () => {});
  }

  /** Certificates of the node issued after this one that nobody has used yet. */
  async dropUnused(serial: string): Promise<void> {
    const row = this.#rows.get(serial);
    if (row === undefined) return;
    const newer = this.#of(row.node).filter(({ number, state }) => state === "active" && number > row.number);
    if (newer.length > 0) await this.#withdraw(row.node, newer, "superseded", async () => {});
  }

  /** Revokes whatever the node has, in one transaction with `also`. Returns the serials. */
  async revoke(node: string, also: (tx: StoreTransaction) => Promise<void>): Promise<readonly string[]> {
    const active = this.#of(node).filter(({ state }) => state === "active");
    await this.#withdraw(node, active, "revoked", also);
    return active.map(({ serial }) => serial);
  }

  /** Calls back as soon as certificates cease to count; the command ends when the listener is done. It must not fail. */
  onWithdrawn(listener: (withdrawal: Withdrawal) => void | Promise<void>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back after each certificate issued; the node gets it when the listener is done. The listener must not reject. */
  onIssued(listener: () => Promise<void>): () => void {
    this.#issueListeners.add(listener);
    return () => this.#issueListeners.delete(listener);
  }

  #keep(row: CertificateTable): void {
    this.#changes++;
    this.#rows.set(row.serial, row);
    const known = this.#serials.get(row.node);
    if (known === undefined) this.#serials.set(row.node, new Set([row.serial]));
    else known.add(row.serial);
  }

  /** Oldest first. */
  #of(node: string): CertificateTable[] {
    const rows = [...(this.#serials.get(node) ?? [])].flatMap((serial) => this.#rows.get(serial) ?? []);
    return rows.sort((a, b) => a.number - b.number);
  }

  async #withdraw(
    node: string,
    rows: readonly CertificateTable[],
    state: Withdrawal["state"],
    also: (tx: StoreTransaction) => Promise<void>,
  ): Promise<void> {
    const since = timestamp(this.#clock.wallMs());
    await this.#store.transaction(async (tx) => {
      for (const { serial } of rows) await tx.setCertificateState(serial, state, since);
      await also(tx);
    });
    this.#changes++;
    for (const row of rows) this.#rows.set(row.serial, { ...row, state, since });
    const serials = rows.map(({ serial }) => serial);
    this.#log.info({ node, serials, state }, "certificates withdrawn");
    await Promise.all([...this.#listeners].map((listener) => listener({ node, serials, state })));
  }
}
