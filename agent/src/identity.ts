import { type KeyObject, X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { importPublicKey } from "@vsix/shared/crypto/ed25519.ts";
import type { Logger } from "pino";
import { type AgentConfig, ConfigError, readPublicKeys } from "./config.ts";
import { renewAtMs, retryAfterMs } from "./core/identity-times.ts";
import { clockOf, confirm, renewIdentity } from "./enrol.ts";
import type { EnrolService } from "./io/enrol-client.ts";
import { type IdentityStore, type NodeIdentity, openIdentityStore } from "./io/identity-store.ts";
import { openVerifiedTls, ServerError } from "./io/verified-tls.ts";

const LOOK_EVERY_MS = 60_000;

export interface IdentityKeeperOptions {
  readonly node: string;
  readonly store: IdentityStore;
  readonly service: EnrolService;
  readonly log: Logger;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  /** {@link IdentityKeeper.fault} has changed. */
  readonly onFault: () => void;
}

/**
 * This node's identity while the agent runs: opens connections with it, renews it at two thirds of its life, and takes up
 * what `vsix-agent enrol` writes meanwhile. Nothing here is needed to keep forwarding.
 */
export class IdentityKeeper implements AsyncDisposable {
  readonly #options: IdentityKeeperOptions;
  readonly #stop = new AbortController();
  readonly #jitter: number;
  #held: NodeIdentity | undefined;
  #fault: string | undefined;
  #linkFault: string | undefined;
  /** The connection begun last, and the one that came to an MQTT session. */
  #begun: Duplex | undefined;
  #stands: Duplex | undefined;
  #failures = 0;
  #loop: Promise<void> | undefined;

  constructor(options: IdentityKeeperOptions) {
    this.#options = options;
    this.#jitter = options.random();
    this.#look();
  }

  /** What is wrong with the identity, where something is. */
  get fault(): string | undefined {
    return this.#fault ?? this.#linkFault;
  }

  /** Begins to connect to the broker with what is on the disk now; a node that has not enrolled gets a stream that fails. */
  open(configured: string | undefined): Duplex {
    this.#look();
    const held = this.#held;
    if (held === undefined) return failing(new Error(this.#fault));
    const { certificate, key, ca, brokerUrl } = held;
    const socket = openVerifiedTls({
      url: configured ?? brokerUrl,
      defaultPort: 8883,
      ca,
      own: { certificate, key },
      clock: clockOf(held, this.#options.now()),
    });
    let secured = false;
    socket.once("secureConnect", () => {
      secured = true;
    });
    socket.once("error", (error) => {
      if (isCertificateFault(error)) this.#sayLink(error.message);
    });
    // Brokers tell nobody why; ours ends what comes with a certificate that does not count before it answers.
    socket.once("close", () => {
      if (secured && this.#stands !== socket && !socket.errored)
        this.#sayLink(
          "the broker ended the connection before a session: is the certificate revoked or superseded?",
        );
    });
    this.#begun = socket;
    return socket;
  }

  /** The connection begun last has become an MQTT session. */
  connected(): void {
    this.#stands = this.#begun;
    this.#sayLink(undefined);
  }

  /** Starts the loop that renews. */
  start(): void {
    this.#loop ??= this.#run(this.#stop.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#renewIfDue();
      const { random } = this.#options;
      const pauseMs = this.#failures === 0 ? LOOK_EVERY_MS : retryAfterMs(this.#failures, random());
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #renewIfDue(): Promise<void> {
    this.#look();
    const { store, service, log, now } = this.#options;
    const held = this.#held;
    // A clock that cannot be right does not know when; the controller judges our dates by its own.
    if (held === undefined || !clockOf(held, now()).trusted) return;
    const life = lifeOf(held);
    if (now() < renewAtMs(life, this.#jitter)) {
      this.#failures = 0;
      return this.#say(undefined);
    }
    try {
      const renewed = await renewIdentity(held, service, now());
      store.save(renewed);
      this.#held = renewed;
      // Already past the renewal of what was just issued: our clock runs ahead, and asking again would not help.
      this.#failures = now() < renewAtMs(lifeOf(renewed), this.#jitter) ? 0 : this.#failures + 1;
      log.info({ until: new Date(lifeOf(renewed).notAfterMs).toISOString() }, "certificate renewed");
      const { unconfirmed } = await confirm(service, renewed, now());
      if (unconfirmed !== undefined)
        log.info({ reason: unconfirmed }, "the new certificate is not yet confirmed");
      this.#say(undefined);
    } catch (error) {
      this.#failures++;
      const reason = error instanceof Error ? error.message : String(error);
      this.#say(`not renewed, good until ${new Date(life.notAfterMs).toISOString()}: ${reason}`);
    }
  }

  /** Takes up what is on the disk; what cannot be read leaves the one at hand. */
  #look(): void {
    const { store, node } = this.#options;
    const found = store.load();
    if (found !== undefined && found.node === node) this.#held = found;
    else if (this.#held === undefined)
      this.#say(
        found === undefined
          ? "this node has not enrolled: vsix-agent enrol"
          : `the identity is that of ${found.node}, the configuration says ${node}`,
      );
  }

  #sayLink(fault: string | undefined): void {
    if (fault === this.#linkFault) return;
    this.#linkFault = fault;
    if (fault !== undefined) this.#options.log.warn({ reason: fault }, "broker and certificates");
    this.#options.onFault();
  }

  #say(fault: string | undefined): void {
    if (fault === this.#fault) return;
    this.#fault = fault;
    if (fault !== undefined) this.#options.log.warn({ reason: fault }, "identity");
    this.#options.onFault();
  }
}

function lifeOf({ certificate }: NodeIdentity) {
  const parsed = new X509Certificate(certificate);
  return { notBeforeMs: parsed.validFromDate.getTime(), notAfterMs: parsed.validToDate.getTime() };
}

/** What TLS says of certificates, theirs or ours, and not of the network (nodejs.org/api/tls.html, X509 error codes). */
function isCertificateFault(error: Error): boolean {
  if (error instanceof ServerError) return true;
  const code = "code" in error ? String(error.code) : "";
  return /CERT|^ERR_(SSL|TLS)_|^UNABLE_TO_|SELF_SIGNED/.test(code);
}

function failing(error: Error): Duplex {
  const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy(error));
  return stream;
}

/** The keys in the configuration's files, and those that enrolment brought. Throws ConfigError when there is nobody to obey. */
export function obeyedKeys(config: AgentConfig): readonly KeyObject[] {
  const { controller, node } = config;
  const configured = readPublicKeys(config);
  if (controller.identity === undefined) return configured;
  const identity = openIdentityStore(controller.identity).load();
  if (identity?.node === node)
    return [...configured, ...identity.manifestKeys.map((pem) => importPublicKey(pem))];
  if (configured.length > 0) return configured;
  throw new ConfigError(
    `/controller/identity: ${controller.identity} holds no identity of ${node}: run vsix-agent enrol first`,
  );
}
