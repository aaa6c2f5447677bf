import { parseTopic, topics, type UpKind } from "@vsix/shared/contract/topics.ts";
import type { Alive } from "@vsix/shared/contract/up.ts";
import mqtt, { type MqttClient } from "mqtt";
import type { Logger } from "pino";

/** Bytes of the largest message looked at; larger ones are dropped with a warning. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
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
      will: {
        topic: topics.up(node, "alive"),
        payload: Buffer.from(JSON.stringify(this.#alive("offline"))),
        qos: 1,
        retain: true,
      },
    });
    this.#client.on("connect", () => this.#connected());
    this.#client.on("close", () => options.onConnected(false));
    this.#client.on("error", (error) => options.log.debug({ err: error.message }, "broker connection"));
    this.#client.on("message", (topic, payload) => this.#received(topic, payload));
    this.#beatTimer = setInterval(() => this.#sendAlive("online"), BEAT_MS);
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** Sends if there is a connection; otherwise drops, for the next state says it anew. */
  publish(kind: UpKind, message: object, retain: boolean): void {
    if (!this.#client.connected) return;
    this.#client.publish(topics.up(this.#options.node, kind), JSON.stringify(message), {
      qos: retain ? 1 : 0,
      retain,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beatTimer);
    if (this.#client.connected) this.#sendAlive("offline");
    await this.#client.endAsync(!this.#client.connected);
  }

  #connected(): void {
    const { node, log, onConnected } = this.#options;
    this.#client.subscribe([topics.parts(node), topics.manifest(node)], { qos: 1 }, (error) => {
      if (error !== null) log.warn({ err: error.message }, "broker refused the subscription");
    });
    this.#sendAlive("online");
    onConnected(true);
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
    const { node, log, onManifest, onPart } = this.#options;
    const parsed = parseTopic(topic);
    if (parsed === undefined || parsed.node !== node || payload.length === 0) return;
    if (payload.length > MAX_MESSAGE_BYTES) {
      log.warn({ topic, bytes: payload.length }, "message too large, dropped");
      return;
    }
    const [kind, sha256] = parsed.rest;
    if (kind === "manifest" && parsed.rest.length === 1) onManifest(payload);
    else if (kind === "part" && sha256 !== undefined && parsed.rest.length === 2) onPart(sha256, payload);
  }
}
