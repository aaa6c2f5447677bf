import { join } from "node:path";
import type { Counters, Observation, Report } from "@vsix/shared/contract/up.ts";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import type { Logger } from "pino";
import { makeStateDirectory } from "../../agent/src/config.ts";
import type { AgentDocument } from "../../agent/src/documents/document.ts";
import { openIdentityStore } from "../../agent/src/io/identity-store.ts";
import { ReportPace } from "../../agent/src/loop/report-pace.ts";
import { Uplink } from "../../agent/src/uplink.ts";
import { enrolRaw, pemOf } from "../controller/raw-node.ts";

export interface SimulatedNodeOptions {
  readonly name: string;
  /** Of its own; identity and documents are kept there. */
  readonly directory: string;
  /** One of the machine's addresses, to enrol from. */
  readonly from: string;
  readonly log: Logger;
  /** Names of its BGP sessions, which are said to be up. */
  readonly neighbours: readonly string[];
  /** A document was verified, checked, kept and taken. */
  readonly onDocument: (node: SimulatedNode, document: AgentDocument) => void;
}

/**
 * A fake: the control side of an agent - identity, mutual TLS, signatures, generations, the document on its disk, reports,
 * all of it the agent's own code - with no router behind it: neither kernel nor BGP, what is wanted is reported as done.
 */
export class SimulatedNode implements AsyncDisposable {
  readonly name: string;
  readonly #options: SimulatedNodeOptions;
  readonly #uplink: Uplink;
  readonly #pace: ReportPace;
  readonly #connected = Promise.withResolvers<void>();
  #document: AgentDocument | undefined;

  /** Trades a claim for a certificate. */
  static async enrol(options: SimulatedNodeOptions, token: string): Promise<SimulatedNode> {
    const { name, directory, from } = options;
    const { key, answer } = await enrolRaw(token, from);
    const claim = decodeClaim(token).secret;
    const held = { version: 1 as const, ...answer, key: pemOf(key), claim, savedMs: Date.now() };
    openIdentityStore(join(directory, "identity")).save(held);
    return new SimulatedNode(options, name);
  }

  private constructor(options: SimulatedNodeOptions, name: string) {
    const { directory, log, onDocument } = options;
    this.name = name;
    this.#options = options;
    const config = {
      node: name,
      stateDir: join(directory, "state"),
      controller: { identity: join(directory, "identity") },
      gobgp: { socket: join(directory, "none") },
    };
    makeStateDirectory(config);
    this.#pace = new ReportPace(() => this.#uplink.publish("report", this.#report(), true));
    this.#uplink = new Uplink({
      config,
      version: "simulated",
      log,
      onDocument: (document) => {
        this.#document = document;
        onDocument(this, document);
        this.#pace.soon();
      },
      onLife: () => {},
      onConnected: () => {
        this.#connected.resolve();
        this.#pace.soon();
      },
      onChange: () => this.#pace.soon(),
    });
    this.#uplink.load();
  }

  get document(): AgentDocument | undefined {
    return this.#document;
  }

  /** Why it refused what came last. */
  get refusal(): string | undefined {
    return this.#uplink.refusal?.reason;
  }

  /** Resolves once there is a session with the broker. */
  async connect(): Promise<void> {
    this.#uplink.connect();
    await this.#connected.promise;
  }

  /** What an External Edge sees. */
  observe(edges: Observation["edges"]): void {
    const message: Observation = { version: 1, node: this.name, at: new Date().toISOString(), edges };
    this.#uplink.publish("observation", message, true);
  }

  /** Reports now that it has just begun, or just ended, to be otherwise than wanted. */
  tell(converged: boolean): void {
    this.#uplink.publish("report", { ...this.#report(), converged }, true);
  }

  /** What its ports have carried. */
  count(links: NonNullable<Counters["links"]>): void {
    const message: Counters = { version: 1, node: this.name, at: new Date().toISOString(), ports: [], links };
    this.#uplink.publish("counters", message, true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pace[Symbol.dispose]();
    await this.#uplink[Symbol.asyncDispose]();
  }

  #report(): Report {
    const manifest = this.#document?.manifest;
    return {
      version: 1,
      node: this.name,
      epoch: manifest?.epoch ?? 0,
      generation: manifest?.generation ?? 0,
      parts: Object.fromEntries(manifest?.parts.map(({ name, generation }) => [name, generation]) ?? []),
      converged: manifest !== undefined,
      objects: { route: 3 },
      conditions: [],
      sessions: this.#options.neighbours.map((neighbour) => ({
        neighbour,
        state: "established",
        received: 1,
        accepted: 1,
      })),
      ...this.#uplink.report(),
    };
  }
}
