import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Report } from "@vsix/shared/contract/up.ts";
import { trustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import type { Logger } from "pino";
import type { AgentConfig } from "../config.ts";
import { checkDocument } from "../core/check-document.ts";
import { obeyedKeys } from "../identity.ts";
import { openDocumentStore } from "../io/document-store.ts";
import { TrialPath } from "../loop/trial-path.ts";
import type { AgentDocument } from "./document.ts";
import { DocumentKeeper } from "./document-keeper.ts";
import { FenceKeeper, markOf } from "./fence-keeper.ts";
import { Keyring } from "./keyring.ts";
import type { Refusal } from "./refusals.ts";

/** What this agent can do beyond the first contract. */
const ABILITIES = ["confirm", "nonce", "rotate", "measure", "trace", "epe"];

/** The part of the connection to the controller that documents need. */
export interface CustodyLink {
  publish(kind: "hello", message: object, retain: boolean): void;
  clear(kind: "hello"): void;
  reopen(): void;
  askAgain(): void;
}

export interface CustodyOptions {
  readonly config: AgentConfig;
  readonly log: Logger;
  /** The connection, once there is one. */
  readonly link: () => CustodyLink | undefined;
  readonly onDocument: (document: AgentDocument) => void;
  /** The controller has answered what {@link Custody.askForLife} asked. */
  readonly onLife: () => void;
  /** On this connection, what the controller hears beyond what parts ask for. */
  readonly onHears: (kinds: readonly string[]) => void;
  /** The report would say something else. */
  readonly onChange: () => void;
}

/** What of a report is about documents. */
export type CustodyReport = Pick<
  Report,
  "content" | "lineage" | "abilities" | "trusts" | "trial" | "takenBack"
>;

/** Whom this node obeys and what it holds: keys, generations, documents, trials, and the files of all of them. */
export class Custody implements Disposable {
  readonly #options: CustodyOptions;
  readonly #keyring: Keyring;
  readonly #keeper: DocumentKeeper;
  readonly #path: TrialPath;
  readonly #nonce = randomBytes(16).toString("hex");
  #helloSent = false;
  /** The number of the newest question for a sign of life that has no answer. */
  #question: string | undefined;

  /** Throws ConfigError for keys that cannot be read. */
  constructor(options: CustodyOptions) {
    this.#options = options;
    const { config, log, link, onDocument, onChange } = options;
    const { node, stateDir, bundle } = config;
    const store = openDocumentStore(stateDir, bundle);
    this.#keyring = new Keyring(join(stateDir, "trust.json"), trustedKeys(obeyedKeys(config)), log);
    this.#path = new TrialPath(() => link()?.reopen());
    this.#keeper = new DocumentKeeper({
      node,
      keyring: this.#keyring,
      store,
      fence: new FenceKeeper(join(stateDir, "fence.json"), log, Date.now),
      nonce: this.#nonce,
      log,
      now: Date.now,
      check: checkDocument,
      onDocument: (document) => {
        this.#path.follow(this.#keeper.trial);
        onDocument(document);
      },
      onRefused: () => {
        this.#path.follow(this.#keeper.trial);
        onChange();
      },
      onMissing: () => link()?.askAgain(),
      onHears: (kinds) => this.#options.onHears(kinds),
      onNonce: () => this.#hello(),
      onAnswer: (nonce) => {
        if (nonce !== this.#question) return;
        this.#question = undefined;
        this.#options.onLife();
      },
      connection: () => this.#path.connection,
    });
  }

  get refusal(): Refusal | undefined {
    return this.#keeper.refusal;
  }

  /** What is wrong with what is kept: object to reason. */
  get faults(): Readonly<Record<string, string | undefined>> {
    return { "document store": this.#keeper.storeFault, "trusted keys": this.#keyring.fault };
  }

  /** Takes up what is on disk. Returns whether there was anything. */
  load(): boolean {
    return this.#keeper.load();
  }

  manifest(envelope: Uint8Array): void {
    this.#keeper.manifest(envelope);
  }

  part(sha256: string, bytes: Uint8Array): void {
    this.#keeper.part(sha256, bytes);
  }

  /** A connection to the broker stands. */
  connected(connection: string): void {
    this.#path.connected(connection);
    this.#hello();
  }

  /** The kernel or BGP was brought nearer to what is held. */
  look(converged: () => boolean): void {
    this.#path.look(converged);
  }

  /**
   * Asks whether the controller lives, by a number that it has to sign: neither a broker that outlives it nor anything that
   * it said before can answer. An answer is a manifest that is taken or not like any other.
   */
  askForLife(): void {
    const link = this.#options.link();
    // Who waits for a manifest with this start's number asks already; a second number would take its place.
    if (link === undefined) return;
    const wanted = this.#keeper.wantsNonce;
    this.#question = wanted ? this.#nonce : randomBytes(16).toString("hex");
    if (!wanted)
      link.publish("hello", { version: 1, node: this.#options.config.node, nonce: this.#question }, false);
  }

  report(): CustodyReport {
    const { held, trial, takenBack } = this.#keeper;
    const connection = this.#path.connection;
    return {
      abilities: ABILITIES,
      trusts: this.#keyring.ids.slice(0, 16),
      ...(held === undefined ? {} : { content: markOf(held.manifest).content }),
      ...(held?.manifest.lineage === undefined ? {} : { lineage: held.manifest.lineage }),
      ...(trial === undefined
        ? {}
        : {
            trial: {
              epoch: trial.mark.epoch,
              generation: trial.mark.generation,
              leftMs: trial.leftMs,
              ...(connection === undefined ? {} : { connection }),
            },
          }),
      ...(takenBack === undefined
        ? {}
        : {
            takenBack: {
              at: takenBack.at,
              epoch: takenBack.epoch,
              generation: takenBack.generation,
              reason: takenBack.reason.slice(0, 512),
            },
          }),
    };
  }

  [Symbol.dispose](): void {
    this.#keeper[Symbol.dispose]();
    this.#path[Symbol.dispose]();
  }

  /** Asks for a manifest signed now, or takes the question back. Said at every connection: brokers forget. */
  #hello(): void {
    const link = this.#options.link();
    if (link === undefined) return;
    const wanted = this.#keeper.wantsNonce;
    if (wanted)
      link.publish("hello", { version: 1, node: this.#options.config.node, nonce: this.#nonce }, true);
    else if (this.#helloSent) link.clear("hello");
    this.#helloSent = wanted;
  }
}
