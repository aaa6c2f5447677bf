import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { UpKind } from "@vsix/shared/contract/topics.ts";
import { openBrokerSocket } from "@vsix/shared/mqtt/broker-socket.ts";
import type { Logger } from "pino";
import type { AgentConfig } from "./config.ts";
import { Custody, type CustodyReport } from "./documents/custody.ts";
import type { AgentDocument } from "./documents/document.ts";
import type { Refusal } from "./documents/refusals.ts";
import { IdentityKeeper } from "./identity.ts";
import { ControllerLink } from "./io/controller-link.ts";
import { enrolService } from "./io/enrol-client.ts";
import { openIdentityStore } from "./io/identity-store.ts";
import { Courier, type CourierFigures } from "./spool/courier.ts";
import type { DnsSpool } from "./spool/spool.ts";

export interface UplinkOptions {
  readonly config: AgentConfig;
  readonly version: string;
  readonly log: Logger;
  readonly onDocument: (document: AgentDocument) => void;
  readonly onConnected: () => void;
  /** The controller has given a sign of life that was asked for. */
  readonly onLife: () => void;
  /** From now on, for this connection, the controller hears kinds of messages that it need not know. */
  readonly onHears?: () => void;
  /** The report would say something else. */
  readonly onChange: () => void;
}

/** Everything between this node and its controller: who we are to each other, the connection, and the documents. */
export class Uplink implements AsyncDisposable {
  readonly #options: UplinkOptions;
  readonly #stack = new AsyncDisposableStack();
  readonly #custody: Custody;
  #identity: IdentityKeeper | undefined;
  #link: ControllerLink | undefined;
  #courier: Courier | undefined;
  /** By what came on this connection: the controller behind it may be another than before. */
  #heard: ReadonlySet<string> = new Set();

  /** Throws ConfigError for keys that cannot be read. */
  constructor(options: UplinkOptions) {
    this.#options = options;
    const { config, log, onDocument, onLife, onChange } = options;
    this.#custody = this.#stack.use(
      new Custody({
        ...{ config, log, link: () => this.#link, onDocument, onLife, onChange },
        onHears: (kinds) => this.#hears(kinds),
      }),
    );
  }

  /** Takes up the document on disk. */
  load(): void {
    this.#custody.load();
  }

  /** Begins to connect, and goes on however often that fails. */
  connect(): void {
    const { config, version, log, onChange, onConnected } = this.#options;
    const { node, controller } = config;
    this.#identity = this.#startIdentity(controller.identity);
    this.#link = this.#stack.use(
      new ControllerLink({
        url: controller.url,
        open: () => this.#open(controller.url),
        node,
        instance: randomBytes(8).toString("hex"),
        agentVersion: version,
        log,
        onManifest: (envelope) => this.#custody.manifest(envelope),
        onPart: (sha256, bytes) => this.#custody.part(sha256, bytes),
        onDnsAck: (payload) => this.#courier?.answer(payload),
        onConnected: (connected) => {
          this.#courier?.connection();
          log.info({ connected }, "controller");
          this.#heard = new Set();
          if (!connected) return;
          this.#identity?.connected();
          this.#custody.connected(this.#link?.connection ?? "");
          onConnected();
        },
        onFaults: onChange,
      }),
    );
  }

  get connected(): boolean {
    return this.#link?.connected ?? false;
  }

  publish(kind: UpKind, message: object, retain: boolean): void {
    this.#link?.publish(kind, message, retain);
  }

  /** Retained, where the controller says that it hears this kind: the broker of one that does not know it would cut us off. */
  publishHeard(kind: UpKind, message: object): void {
    if (this.#heard.has(kind)) this.#link?.publish(kind, message, true);
  }

  /** From now on the spool's batches are brought to the controller. To be called once. */
  deliver(spool: DnsSpool): void {
    const { config, log } = this.#options;
    const link = {
      // Of the connection that stands now.
      isConnected: () => this.#link?.connected ?? false,
      send: (chunk: Uint8Array) => this.#link?.send("dns", chunk) ?? Promise.resolve(false),
      listen: () => this.#link?.hearDnsAcks(),
    };
    this.#courier = this.#stack.use(new Courier({ node: config.node, spool, link, log }));
  }

  /** Of the spool's batches; undefined where none are delivered. */
  get delivered(): CourierFigures | undefined {
    return this.#courier?.figures;
  }

  /** Asks the controller for a sign of life. */
  askForLife(): void {
    this.#custody.askForLife();
  }

  /** A trial may be decided by what the node has become. */
  look(converged: () => boolean): void {
    this.#custody.look(converged);
  }

  /** What of a report is about documents. */
  report(): CustodyReport {
    return this.#custody.report();
  }

  get refusal(): Refusal | undefined {
    return this.#custody.refusal;
  }

  /** By object; undefined where all is well. */
  get faults(): Readonly<Record<string, string | undefined>> {
    return { ...this.#custody.faults, identity: this.#identity?.fault, ...this.#link?.faults };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }

  #hears(kinds: readonly string[]): void {
    const before = this.#heard;
    this.#heard = new Set(kinds);
    if (kinds.some((kind) => !before.has(kind))) this.#options.onHears?.();
  }

  #startIdentity(directory: string | undefined): IdentityKeeper | undefined {
    const { config, log, onChange } = this.#options;
    if (directory === undefined) {
      log.warn("MQTT WITHOUT TLS: neither we nor the broker prove who they are; see vsix-agent enrol");
      return undefined;
    }
    const keeper = this.#stack.use(
      new IdentityKeeper({
        node: config.node,
        store: openIdentityStore(directory),
        service: enrolService,
        log,
        now: Date.now,
        random: Math.random,
        onFault: onChange,
      }),
    );
    keeper.start();
    return keeper;
  }

  #open(configured: string | undefined): Duplex {
    return this.#identity === undefined
      ? openBrokerSocket(configured ?? "")
      : this.#identity.open(configured);
  }
}
