import { isAccessShard } from "@vsix/shared/contract/part-access.ts";
import { isGateShard } from "@vsix/shared/contract/part-gate.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import type { Logger } from "pino";
import type { AccessBook } from "../access/book.ts";
import { type Clock, timestamp } from "../clock.ts";
import { joinOrders, NO_ORDERS, type TraceOrders } from "../core/compile-traces.ts";
import type { Intent } from "../core/intent.ts";
import { messageOf } from "../errors.ts";
import type { Publisher } from "../fleet/publish.ts";
import type { Store } from "../store/store.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { compileDocuments } from "./compiled.ts";
import type { CompiledNode } from "./document.ts";
import { epeIn, type StoredEpe } from "./epe-in-force.ts";
import { type ExpectedInForce, expectedIn } from "./expected-in-force.ts";
import { type Generations, recordGenerations, recordGone, recordSome } from "./generations.ts";
import { type InForce, steeringOf } from "./in-force.ts";
import { Serial } from "./serial.ts";
import type { MadeOf } from "./stored-fabric.ts";

export interface DesiredStateOptions {
  readonly store: Store;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of pseudonyms and hashes of captured DNS: told to nodes that need it, and to nobody else. */
  readonly captureKey: string;
  /** Users of access routers. */
  readonly access: AccessBook;
  /** Throws while nothing may be changed. */
  readonly guard?: (what: string) => void;
}

/** What a change leads to; whatever else it writes, it has written into the transaction. */
export interface Decision {
  readonly revision: number;
  readonly fabric: Fabric;
  /** With a new revision only: what it is made of, where it is not of the whole network. */
  readonly madeOf?: MadeOf;
  readonly intent: Intent;
  /** Seconds within which every changed node has to prove that it can still be reached. */
  readonly confirmWithinS?: number;
  /** For the audit record. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Commit {
  readonly before: InForce | undefined;
  readonly after: InForce;
  /** Nodes that get a new manifest. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Resolves when the broker holds all of it. */
  readonly published: Promise<void>;
}

/** Routers with ports to what is no router of a plane: an Edge or somebody else's AS. */
function bordersOf(fabric: Fabric): readonly FabricNode[] {
  return fabric.nodes.filter(
    ({ name, role }) =>
      (role === "plane" || role === "external-edge") &&
      adjacenciesOf(fabric, name).some(({ peer }) => peer.role === "edge" || peer.role === "upstream"),
  );
}

/** Whether a part is made of who the users are, and not of the fabric. */
function isOfUsers(name: string): boolean {
  return name === "access" || isAccessShard(name) || name === "gate" || isGateShard(name);
}

/** What is compiled beside fabric and intent, as stored. */
interface Beside {
  readonly expected: ExpectedInForce | undefined;
  readonly orders: TraceOrders;
  readonly epe: StoredEpe | undefined;
}

/**
 * Owner of what the fleet is asked to be. A change is one transaction (decision, compile, generations, audit record),
 * then the new value in memory, then publishing; one change at a time. What fails before the commit changes nothing.
 */
export class DesiredState {
  readonly #options: DesiredStateOptions;
  readonly #serial = new Serial();
  readonly #listeners = new Set<(commit: Commit) => void>();
  #inForce: InForce | undefined;
  #wantedSinceMs: ReadonlyMap<string, number> = new Map();
  #passing: TraceOrders = NO_ORDERS;
  /** Nodes with old parts to be cleared, and perhaps more; undefined: to be read. Read and forgotten in line with commits. */
  #retiring: ReadonlySet<string> | undefined;

  constructor(options: DesiredStateOptions) {
    this.#options = options;
  }

  /** Undefined before the first fabric. */
  get inForce(): InForce | undefined {
    return this.#inForce;
  }

  /** When the Edge was first wanted where it is wanted now; monotonic milliseconds. */
  wantedSinceMs(edge: string): number {
    return this.#wantedSinceMs.get(edge) ?? Number.POSITIVE_INFINITY;
  }

  /** Calls back after each commit. The listener must not throw. */
  listen(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes one change. What `decide` throws is thrown on, and then nothing has changed. */
  async commit(
    audit: { readonly who: string; readonly what: string },
    decide: (tx: StoreTransaction, current: InForce | undefined) => Promise<Decision>,
  ): Promise<Commit> {
    return this.#serial.run(async () => {
      this.#options.guard?.(audit.what);
      const { store, clock, log, captureKey } = this.#options;
      const before = this.#inForce;
      this.#retiring = undefined;
      const { decision, generations, beside } = await store.transaction(async (tx) => {
        const made = await decide(tx, before);
        const expected = await expectedIn(tx, made.fabric, before);
        const orders = joinOrders(expected?.orders ?? NO_ORDERS, this.#passing);
        const epe = await epeIn(tx, made.fabric, before?.epe);
        const documents = this.#withUsers(
          made.fabric,
          compileDocuments(made.fabric, made.intent, orders, epe, captureKey),
        );
        const recorded = await recordGenerations(tx, documents, made.revision);
        await tx.setCounter("revision", made.revision);
        await tx.addAudit({
          at: timestamp(clock.wallMs()),
          who: audit.who,
          what: audit.what,
          detail: JSON.stringify(made.detail),
        });
        return { decision: made, generations: recorded, beside: { expected, orders, epe } };
      });
      log.info({ ...audit, ...decision.detail, changed: generations.changed.length }, "change committed");
      return this.#take(decision, generations, beside);
    });
  }

  /**
   * Brings users as they are now into the documents of their routers; nobody else's changes. `update` writes them into the book. It
   * leaves no audit record: what it follows from has left one. Returns the nodes that were changed, and those that a trial holds
   * back. Throws what `guard` throws, and then nothing has changed but the book.
   */
  async renewUsers(update: () => Promise<void>): Promise<{
    readonly changed: readonly string[];
    readonly held: readonly string[];
  }> {
    return this.#serial.run(async () => {
      await update();
      const before = this.#inForce;
      if (before === undefined) return { changed: [], held: [] };
      const { fabric, revision, trial } = before;
      const present = this.#withUsers(
        fabric,
        [...fabric.nodes.filter(({ service }) => service === "access"), ...bordersOf(fabric)].flatMap(
          ({ name }) => before.nodes.get(name) ?? [],
        ),
      );
      const compiled = present.filter(({ node, parts }) => {
        const known = new Set(before.nodes.get(node)?.parts.map(({ name, sha256 }) => `${name} ${sha256}`));
        return (
          parts.length !== known.size || parts.some(({ name, sha256 }) => !known.has(`${name} ${sha256}`))
        );
      });
      const held = compiled.map(({ node }) => node).filter((node) => trial?.nodes.has(node) === true);
      const free = compiled.filter(({ node }) => !held.includes(node));
      const kept = new Set([...fabric.nodes.map(({ name }) => name), ...present.map(({ node }) => node)]);
      const gone = [...before.nodes.keys()].filter((node) => !kept.has(node));
      if (free.length === 0 && gone.length === 0) return { changed: [], held };
      this.#options.guard?.("users");
      const { store, publisher, log } = this.#options;
      this.#retiring = undefined;
      const { nodes, parts } = await store.transaction(async (tx) => ({
        nodes: await recordSome(tx, free, revision),
        parts: await recordGone(tx, gone, revision),
      }));
      const after = new Map([...before.nodes, ...nodes.map((one) => [one.node, one] as const)]);
      for (const node of gone) after.delete(node);
      this.#inForce = { ...before, nodes: after };
      for (const [node, sha256s] of parts)
        publisher
          .remove(node, sha256s)
          .then(() =>
            store.transaction(async (tx) => {
              for (const sha256 of sha256s) await tx.unretire(node, sha256);
            }),
          )
          .catch((error: unknown) => log.error({ reason: messageOf(error) }, "clearing failed"));
      for (const node of nodes)
        publisher
          .publish(node)
          .catch((error: unknown) => log.error({ reason: messageOf(error) }, "publishing failed"));
      return { changed: [...nodes.map(({ node }) => node), ...gone], held };
    });
  }

  /** Documents of access routers with the users that they serve, and of borders with whom they let in, in the place of any that were there. */
  #withUsers(fabric: Fabric, documents: readonly CompiledNode[]): readonly CompiledNode[] {
    const { access } = this.#options;
    access.setPoints(fabric);
    const routers = new Set(
      fabric.nodes.filter(({ service }) => service === "access").map(({ name }) => name),
    );
    const borders = new Set(bordersOf(fabric).map(({ name }) => name));
    const gate = access.gate();
    const withUsers = documents.map(({ node, parts }) => ({
      node,
      parts: [
        ...parts.filter(({ name }) => !isOfUsers(name)),
        ...(routers.has(node) ? access.partsOf({ name: node }) : []),
        ...(borders.has(node) ? gate : []),
      ],
    }));
    return [...withUsers, ...access.homes(fabric)];
  }

  /**
   * What is traced for a while beside the expected paths, from the next commit on. Not stored: a controller started anew
   * publishes without.
   */
  tracePassing(orders: TraceOrders): void {
    this.#passing = orders;
  }

  /** Whether something is traced that no file asks for. */
  get tracesInPassing(): boolean {
    return this.#passing.size > 0;
  }

  /** Does something between two changes: what it reads of them does not change meanwhile. */
  async between<T>(work: () => Promise<T>): Promise<T> {
    return this.#serial.run(work);
  }

  /** Publishes every node anew: at the start, and when a broker may have forgotten. */
  async republish(): Promise<void> {
    this.#options.publisher.forget();
    await Promise.all(
      [...(this.#inForce?.nodes.values() ?? [])].map((node) => this.#options.publisher.publish(node)),
    );
  }

  /** Signs one node's manifest anew, with what it carries now. */
  async resign(name: string): Promise<void> {
    const node = this.#inForce?.nodes.get(name);
    if (node !== undefined) await this.#options.publisher.publish(node);
  }

  /** The revision on trial is to be confirmed, node by node. */
  decideTrial(): void {
    const inForce = this.#inForce;
    if (inForce?.trial !== undefined)
      this.#inForce = { ...inForce, trial: { ...inForce.trial, decided: true } };
  }

  /** The revision that was on trial is in force for good. */
  endTrial(): void {
    if (this.#inForce === undefined) return;
    const { trial: _over, ...rest } = this.#inForce;
    this.#inForce = rest;
  }

  /** Signs every manifest anew, so that what the broker holds can always be accepted. */
  async reissue(): Promise<void> {
    await Promise.all(
      [...(this.#inForce?.nodes.values() ?? [])].map((node) => this.#options.publisher.publish(node)),
    );
  }

  /**
   * Clears part topics that nothing names any more, once the node reports the generation that stopped naming them. In
   * line with commits: a part wanted again is never cleared after it was published.
   */
  async sweep(node: string, reportedGeneration: number): Promise<void> {
    // Of many nodes one reports all the time, and hardly ever is there anything to clear.
    if (this.#retiring?.has(node) === false) return;
    await this.#serial.run(async () => {
      const retired = await this.#options.store.read.retired();
      this.#retiring = new Set(retired.map((row) => row.node));
      const rows = retired.filter((row) => row.node === node);
      const cleared: string[] = [];
      try {
        for (const { sha256, generation } of rows) {
          if (generation > reportedGeneration) continue;
          await this.#options.publisher.clearPart(node, sha256);
          cleared.push(sha256);
        }
      } catch (error) {
        this.#options.log.warn({ node, reason: messageOf(error) }, "old part not cleared; tried again later");
      }
      // One commit for all of them: whatever changes meanwhile waits for it.
      if (cleared.length > 0)
        await this.#options.store.transaction(async (tx) => {
          for (const sha256 of cleared) await tx.unretire(node, sha256);
        });
    });
  }

  async #take(
    decision: Decision,
    generations: Generations,
    { expected, orders, epe }: Beside,
  ): Promise<Commit> {
    const before = this.#inForce;
    const toPublish = generations.changed;
    const { revision, fabric, intent, confirmWithinS } = decision;
    const madeOf = revision === before?.revision ? before.madeOf : decision.madeOf;
    const after: InForce = {
      revision,
      fabric,
      ...(madeOf === undefined ? {} : { madeOf }),
      intent,
      steering: steeringOf(fabric, intent),
      nodes: generations.nodes,
      ...(expected === undefined ? {} : { expected }),
      orders,
      ...(epe === undefined ? {} : { epe }),
      ...(confirmWithinS === undefined
        ? {}
        : { trial: { withinS: confirmWithinS, nodes: new Set(toPublish), decided: false } }),
    };
    this.#inForce = after;
    this.#noteWanted(before, after);
    const { publisher, store } = this.#options;
    const retired = generations.removed.length === 0 ? [] : await store.read.retired();
    const published = Promise.all([
      ...toPublish.map(async (name) => {
        const node = after.nodes.get(name);
        if (node !== undefined) await publisher.publish(node);
      }),
      ...generations.removed.map(async (name) => {
        const parts = retired.filter((row) => row.node === name).map((row) => row.sha256);
        await publisher.remove(name, parts);
        await store.transaction(async (tx) => {
          for (const sha256 of parts) await tx.unretire(name, sha256);
        });
      }),
    ]).then(() => undefined);
    published.catch((error: unknown) =>
      this.#options.log.error({ reason: messageOf(error) }, "publishing failed"),
    );
    const { changed, removed } = generations;
    const commit: Commit = { before, after, changed, removed, published };
    for (const listener of [...this.#listeners]) listener(commit);
    return commit;
  }

  #noteWanted(before: InForce | undefined, after: InForce): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#wantedSinceMs = new Map(
      [...after.steering].map(([edge, { plane }]) => {
        const same = before?.steering.get(edge)?.plane === plane;
        return [edge, same ? (this.#wantedSinceMs.get(edge) ?? nowMs) : nowMs];
      }),
    );
  }
}
