import { Socket } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";
import type { Logger } from "pino";
import { ControllerError, messageOf } from "../errors.ts";
import type { Broker, BrokerMessage } from "./broker.ts";

export interface ExternalBrokerOptions {
  /** mqtt://HOST:PORT. */
  readonly url: string;
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly publishTimeoutMs: number;
  readonly log: Logger;
}

/** Somebody else's MQTT 3.1.1 broker, by URL. Reconnects by itself; subscriptions come back with the connection. */
export class ExternalBroker implements Broker {
  readonly url: string;
  readonly #client: MqttClient;
  readonly #publishTimeoutMs: number;
  readonly #handlers: { readonly filter: RegExp; readonly handle: (message: BrokerMessage) => void }[] = [];

  private constructor(client: MqttClient, options: ExternalBrokerOptions) {
    this.#client = client;
    this.#publishTimeoutMs = options.publishTimeoutMs;
    this.url = options.url;
    sendAtOnce(client);
    client.on("connect", () => sendAtOnce(client));
    client.on("error", (error) => options.log.warn({ reason: error.message }, "broker connection failed"));
    client.on("offline", () => options.log.warn("broker out of reach"));
    client.on("message", (topic, payload, packet) => {
      for (const { filter, handle } of this.#handlers) {
        if (filter.test(topic)) handle({ topic, payload, replayed: packet.retain });
      }
    });
  }

  /** Connects. Throws ControllerError `broker` when there is no connection within the time limit. */
  static async connect(options: ExternalBrokerOptions): Promise<ExternalBroker> {
    try {
      const client = await connectAsync(
        options.url,
        {
          protocolVersion: 4,
          clientId: options.clientId,
          clean: true,
          connectTimeout: options.connectTimeoutMs,
          reconnectPeriod: 1000,
          keepalive: 15,
          resubscribe: true,
        },
        false,
      );
      return new ExternalBroker(client, options);
    } catch (cause) {
      throw new ControllerError("broker", `${options.url}: ${messageOf(cause)}`, { cause });
    }
  }

  async publishRetained(topic: string, payload: Uint8Array): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(new ControllerError("broker", `${topic}: not acknowledged in ${this.#publishTimeoutMs} ms`)),
        this.#publishTimeoutMs,
      );
    });
    try {
      const sent = this.#client.publishAsync(topic, Buffer.from(payload), { qos: 1, retain: true });
      await Promise.race([sent, tooLate]);
    } catch (cause) {
      if (cause instanceof ControllerError) throw cause;
      throw new ControllerError("broker", `publish ${topic}: ${messageOf(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async subscribe(filter: string, handler: (message: BrokerMessage) => void): Promise<void> {
    this.#handlers.push({ filter: filterPattern(filter), handle: handler });
    try {
      await this.#client.subscribeAsync(filter, { qos: 1 });
    } catch (cause) {
      throw new ControllerError("broker", `subscribe ${filter}: ${messageOf(cause)}`, { cause });
    }
  }

  onReconnect(handler: () => void): void {
    this.#client.on("connect", handler);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** Without this, small packets wait up to 40 ms for the acknowledgement of the one before (Nagle, RFC 896). */
function sendAtOnce(client: MqttClient): void {
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
}

/** An MQTT topic filter as a pattern (3.1.1 section 4.7.1). */
export function filterPattern(filter: string): RegExp {
  const levels = filter.split("/").map((level) => {
    if (level === "+") return "[^/]*";
    if (level === "#") return ".*";
    return level.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${levels.join("/").replace(/\/\.\*$/, "(/.*)?")}$`, "s");
}
