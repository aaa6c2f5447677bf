import { Socket } from "node:net";
import { parseTopic, topics, type UpKind } from "@vsix/shared/contract/topics.ts";
import type { Alive } from "@vsix/shared/contract/up.ts";
import mqtt, { type MqttClient } from "mqtt";
import type { Logger } from "pino";

const BEAT_MS = 5_000;

export interface ControllerLinkOptions {
  readonly url: string;
  readonly node: string;
  /** Random at each start; tells two lives of one node apart. */
  readonly instance: string;
  readonly agentVersion: string;
  readonly log: Logger;
  readonly onManifest: (envelope: Uint8Array) => void;
  readonly onPart: (sha256: string, bytes: Uint8Array) => void;
  readonly onConnected: (connected: boolean) => void;
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
  #online = false;
  #beat = 0;

  constructor(options: ControllerLinkOptions) {
    this.#options = options;
    const { node, url } = options;
    this.#client = mqtt.connect(url, {
      protocolVersion: 4,
      clientId: `vsix-agent-${node}`,
      clean: true,
      keepalive: 5,
      reconnectPeriod: 1_000,
      connectTimeout: 4_000,
      queueQoSZero: false,
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
    this.#client.on("error", (error) => options.log.debug({ err: error.message }, "broker connection"));
    this.#client.on("message", (topic, payload) => this.#received(topic, payload));
    this.#beatTimer = setInterval(() => this.#sendAlive("online"), BEAT_MS);
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /**
   * Sends if there is a connection; otherwise drops, for the next state says it anew. Of what is retained one message a
   * kind is under way, and only the newest waits behind it: a broker that acknowledges nothing does not fill our memory.
   */
  publish(kind: UpKind, message: object, retain: boolean): void {
    if (!this.#client.connected) return;
    const text = JSON.stringify(message);
    if (!retain) {
      this.#client.publish(topics.up(this.#options.node, kind), text, { qos: 0 });
      return;
    }
    const before = this.#underWay.get(kind);
    if (before !== undefined) before.next = text;
    else this.#publishRetained(kind, text);
  }

  /** Has the broker send everything that it keeps for us once more. */
  askAgain(): void {
    if (!this.#client.connected) return;
    const { node } = this.#options;
    this.#client.unsubscribe([topics.parts(node), topics.manifest(node)], () => {
      if (this.#client.connected) this.#subscribe();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beatTimer);
    if (this.#client.connected) this.#sendAlive("offline");
    await this.#client.endAsync(!this.#client.connected);
  }

  #connected(): void {
    // A report is one small write: waiting to fill a segment would cost 40 ms (Nagle against delayed ACK).
    if (this.#client.stream instanceof Socket) this.#client.stream.setNoDelay(true);
    this.#life++;
    this.#underWay.clear();
    this.#subscribe();
    this.#sendAlive("online");
    this.#online = true;
    this.#options.onConnected(true);
  }

  /** Comes for every attempt that fails, too; only the loss of a connection is news. */
  #closed(): void {
    if (!this.#online) return;
    this.#online = false;
    this.#options.onConnected(false);
  }

  #subscribe(): void {
    const { node, log } = this.#options;
    this.#client.subscribe([topics.parts(node), topics.manifest(node)], { qos: 1 }, (error) => {
      if (error instanceof Error) log.warn({ err: error.message }, "broker refused the subscription");
    });
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
    const { node, onManifest, onPart } = this.#options;
    const parsed = parseTopic(topic);
    if (parsed === undefined || parsed.node !== node || payload.length === 0) return;
    const [kind, sha256] = parsed.rest;
    if (kind === "manifest" && parsed.rest.length === 1) onManifest(payload);
    else if (kind === "part" && sha256 !== undefined && parsed.rest.length === 2) onPart(sha256, payload);
  }
}
