import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { MAX_PART_OCTETS } from "@vsix/shared/contract/parse.ts";
import { parseTopic, topics, type UpKind } from "@vsix/shared/contract/topics.ts";
import type { Alive } from "@vsix/shared/contract/up.ts";
import { brokerCredentials } from "@vsix/shared/mqtt/broker-socket.ts";
import { FrameError, rulesForBroker } from "@vsix/shared/mqtt/frame-scanner.ts";
import { LimitedDuplex } from "@vsix/shared/mqtt/limited-duplex.ts";
import { MqttClient } from "mqtt";
import type { Logger } from "pino";
import { Subscription } from "./subscription.ts";

const BEAT_MS = 5_000;
/** A part, the largest message there is for us, with its topic and packet identifier. */
const MAX_PUBLISH_OCTETS = MAX_PART_OCTETS + 512;
/** Pause before the next connection; doubles up to the last with each broker that had to be cut off or refused us. */
const RECONNECT_FIRST_MS = 1_000;
const RECONNECT_LAST_MS = 30_000;
/** A connection that has lasted so long clears what was wrong with the one before. */
const TRUSTED_AGAIN_MS = 10_000;
/** How long the end waits for a broker to take the last word. */
const END_MS = 2_000;

export interface ControllerLinkOptions {
  /** For the user and password that may stand in it. */
  readonly url: string | undefined;
  /** Begins a connection to the broker; its failures are the stream's `error`. */
  readonly open: () => Duplex;
  readonly node: string;
  /** Random at each start; tells two lives of one node apart. */
  readonly instance: string;
  readonly agentVersion: string;
  readonly log: Logger;
  readonly onManifest: (envelope: Uint8Array) => void;
  readonly onPart: (sha256: string, bytes: Uint8Array) => void;
  /** What came on topic `dns-ack`. */
  readonly onDnsAck: (payload: Uint8Array) => void;
  readonly onConnected: (connected: boolean) => void;
  /** {@link ControllerLink.faults} has changed. */
  readonly onFaults: () => void;
}

/** The agent's one connection to the broker. It comes and goes; nothing here is needed to keep forwarding. */
export class ControllerLink implements AsyncDisposable {
  readonly #client: MqttClient;
  readonly #options: ControllerLinkOptions;
  readonly #beatTimer: NodeJS.Timeout;
  /** Kinds of which one message is under way, and the newest that waits behind it. */
  readonly #underWay = new Map<UpKind, { readonly life: number; next: string | undefined }>();
  /** Counts connections. */
  #life = 0;
  #connection = "";
  #online = false;
  #beat = 0;
  readonly #subscription: Subscription;
  /** Only where there are DNS batches: a broker of an older controller refuses it. */
  #dnsAcks: Subscription | undefined;
  #fault: string | undefined;
  #faulty = false;
  #trustTimer: NodeJS.Timeout | undefined;

  constructor(options: ControllerLinkOptions) {
    this.#options = options;
    const { node, url } = options;
    const open = (): LimitedDuplex => new LimitedDuplex(options.open(), rulesForBroker(MAX_PUBLISH_OCTETS));
    this.#client = new MqttClient(open, {
      protocolVersion: 4,
      clientId: `vsix-agent-${node}`,
      ...(url === undefined ? {} : brokerCredentials(url)),
      clean: true,
      keepalive: 5,
      reconnectPeriod: RECONNECT_FIRST_MS,
      // Without it, one refused CONNECT would end all attempts.
      reconnectOnConnackError: true,
      connectTimeout: 4_000,
      queueQoSZero: false,
      // Else mqtt-packet makes a buffer for each of the 65,536 packet identifiers: 12 MB.
      writeCache: false,
      // Subscribed to anew by ourselves at every connect.
      resubscribe: false,
      will: {
        topic: topics.up(node, "alive"),
        payload: Buffer.from(JSON.stringify(this.#alive("offline"))),
        qos: 1,
        retain: true,
      },
    });
    this.#client.on("connect", () => this.#connected());
    this.#client.on("close", () => this.#closed());
    this.#client.on("error", (error) => this.#failed(error));
    this.#client.on("message", (topic, payload) => this.#received(topic, payload));
    this.#subscription = new Subscription({
      client: this.#client,
      filters: [topics.parts(node), topics.manifest(node)],
      log: options.log,
      onChange: options.onFaults,
    });
    this.#beatTimer = setInterval(() => this.#sendAlive("online"), BEAT_MS);
  }

  /** Names the connection that stands, or stood last; random for each. */
  get connection(): string {
    return this.#connection;
  }

  /** Ends the connection that stands and opens another, over whatever path there is now. */
  reopen(): void {
    if (this.#client.connected) this.#cutOff();
  }

  /** Has the broker forget what it keeps of a kind. */
  clear(kind: UpKind): void {
    if (!this.#client.connected || this.#client.disconnecting) return;
    this.#client.publish(topics.up(this.#options.node, kind), "", { qos: 1, retain: true });
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** What is wrong with the broker: object to reason. */
  get faults(): Readonly<Record<string, string | undefined>> {
    return {
      broker: this.#fault,
      "broker subscription": this.#subscription.fault,
      "broker subscription dns-ack": this.#dnsAcks?.fault,
    };
  }

  /**
   * Sends if there is a connection; otherwise drops, for the next state says it anew. Of what is retained one message a
   * kind is under way, and only the newest waits behind it: a broker that acknowledges nothing does not fill our memory.
   */
  publish(kind: UpKind, message: object, retain: boolean): void {
    if (!this.#client.connected || this.#client.disconnecting) return;
    const text = JSON.stringify(message);
    if (!retain) {
      this.#client.publish(topics.up(this.#options.node, kind), text, { qos: 0 });
      return;
    }
    const before = this.#underWay.get(kind);
    if (before !== undefined) before.next = text;
    else this.#publishRetained(kind, text);
  }

  /** One message as it is, not retained; resolves with whether the broker has taken it. */
  send(kind: UpKind, bytes: Uint8Array): Promise<boolean> {
    if (!this.#client.connected || this.#client.disconnecting) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const lost = (): void => resolve(false);
    this.#client.once("close", lost);
    this.#client.publish(topics.up(this.#options.node, kind), Buffer.from(bytes), { qos: 1 }, (error) => {
      this.#client.off("close", lost);
      resolve(!error);
    });
    return promise;
  }

  /** From now on, and at every connection, answers about DNS batches are heard. */
  hearDnsAcks(): void {
    if (this.#dnsAcks !== undefined) return;
    const { node, log, onFaults } = this.#options;
    const filters = [topics.dnsAck(node)];
    this.#dnsAcks = new Subscription({ client: this.#client, filters, log, onChange: onFaults });
    if (this.#client.connected) this.#dnsAcks.begin();
  }

  /** Has the broker send everything that it keeps for us once more. */
  askAgain(): void {
    this.#subscription.renew();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beatTimer);
    clearTimeout(this.#trustTimer);
    this.#subscription[Symbol.dispose]();
    this.#dnsAcks?.[Symbol.dispose]();
    if (this.#client.connected) this.#sendAlive("offline");
    // A broker that acknowledges nothing would never let us go.
    const impatience = setTimeout(() => this.#cutOff(), END_MS);
    const closed = new Promise<void>((resolve) => this.#client.once("close", resolve));
    await Promise.race([this.#client.endAsync(!this.#client.connected), closed]);
    clearTimeout(impatience);
  }

  #connected(): void {
    this.#life++;
    this.#connection = randomBytes(8).toString("hex");
    this.#underWay.clear();
    this.#subscription.begin();
    this.#dnsAcks?.begin();
    this.#sendAlive("online");
    this.#online = true;
    this.#trustTimer = setTimeout(() => this.#trust(), TRUSTED_AGAIN_MS);
    this.#options.onConnected(true);
  }

  /** Comes for every attempt that fails, too; only the loss of a connection is news. */
  #closed(): void {
    clearTimeout(this.#trustTimer);
    this.#subscription.end();
    this.#dnsAcks?.end();
    if (!this.#faulty) this.#client.options.reconnectPeriod = RECONNECT_FIRST_MS;
    this.#faulty = false;
    if (!this.#online) return;
    this.#online = false;
    this.#options.onConnected(false);
  }

  /** A broker out of reach is no fault of its own; one that breaks the protocol or refuses us is, and waits longer. */
  #failed(error: Error): void {
    if (this.#client.disconnecting) return;
    const { log, onFaults } = this.#options;
    const code = "code" in error ? error.code : undefined;
    const refused = typeof code === "number";
    if (!(error instanceof FrameError) && !refused && !this.#online) {
      log.debug({ err: error.message }, "broker connection");
      return;
    }
    if (typeof code === "string" && !(error instanceof FrameError)) {
      log.info({ err: error.message }, "broker connection lost");
      return;
    }
    this.#faulty = true;
    this.#fault = error.message;
    const beforeMs = this.#client.options.reconnectPeriod ?? RECONNECT_FIRST_MS;
    const pauseMs = Math.min(beforeMs * 2, RECONNECT_LAST_MS);
    this.#client.options.reconnectPeriod = pauseMs;
    log.error({ code, reason: error.message, pauseMs }, "broker cut off");
    // What cannot be understood must end the connection (MQTT 3.1.1 section 4.8); mqtt.js does so for some of it.
    this.#cutOff();
    onFaults();
  }

  #trust(): void {
    if (this.#fault === undefined) return;
    this.#client.options.reconnectPeriod = RECONNECT_FIRST_MS;
    this.#fault = undefined;
    this.#options.onFaults();
  }

  #cutOff(): void {
    this.#client.stream.destroy();
  }

  #publishRetained(kind: UpKind, text: string): void {
    const life = this.#life;
    this.#underWay.set(kind, { life, next: undefined });
    this.#client.publish(topics.up(this.#options.node, kind), text, { qos: 1, retain: true }, () => {
      const done = this.#underWay.get(kind);
      if (done?.life !== life) return;
      this.#underWay.delete(kind);
      if (done.next !== undefined && this.#client.connected) this.#publishRetained(kind, done.next);
    });
  }

  #sendAlive(state: Alive["state"]): void {
    if (state === "online") this.#beat++;
    this.publish("alive", this.#alive(state), true);
  }

  #alive(state: Alive["state"]): Alive {
    const { node, agentVersion, instance } = this.#options;
    return { version: 1, node, state, beat: this.#beat, agentVersion, instance };
  }

  #received(topic: string, payload: Uint8Array): void {
    const { node, onManifest, onPart, onDnsAck } = this.#options;
    const parsed = parseTopic(topic);
    if (parsed === undefined || parsed.node !== node || payload.length === 0) return;
    const [kind, sha256] = parsed.rest;
    if (kind === "manifest" && parsed.rest.length === 1) onManifest(payload);
    else if (kind === "dns-ack" && parsed.rest.length === 1) onDnsAck(payload);
    else if (kind === "part" && sha256 !== undefined && parsed.rest.length === 2) onPart(sha256, payload);
  }
}
