import type { Duplex } from "node:stream";
import { brokerCredentials, openBrokerSocket } from "@vsix/shared/mqtt/broker-socket.ts";
import { FrameError, rulesForBroker } from "@vsix/shared/mqtt/frame-scanner.ts";
import { LimitedDuplex } from "@vsix/shared/mqtt/limited-duplex.ts";
import { MqttClient } from "mqtt";
import type { Logger } from "pino";
import { ControllerError, messageOf } from "../errors.ts";
import type { Broker, BrokerMessage } from "./broker.ts";

export interface ExternalBrokerOptions {
  /** mqtt://HOST:PORT. */
  readonly url: string;
  readonly clientId: string;
  /** Begins a connection; its failures are the stream's `error`. Default: without showing a certificate. */
  readonly open?: (url: string) => Duplex;
  readonly connectTimeoutMs: number;
  readonly publishTimeoutMs: number;
  /** A broker that announces a larger packet is cut off, octets. */
  readonly maxPacketBytes: number;
  readonly log: Logger;
}

/** Pause before the next connection, milliseconds; doubles up to the last with each broker that had to be cut off. */
const RECONNECT_FIRST_MS = 1000;
const RECONNECT_LAST_MS = 30_000;

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
    let cutOff = false;
    client.on("error", (error) => {
      if (error instanceof FrameError) {
        cutOff = true;
        const beforeMs = client.options.reconnectPeriod ?? RECONNECT_FIRST_MS;
        const pauseMs = Math.min(beforeMs * 2, RECONNECT_LAST_MS);
        client.options.reconnectPeriod = pauseMs;
        options.log.error({ code: error.code, reason: error.message, pauseMs }, "broker cut off");
        return;
      }
      options.log.warn({ reason: error.message }, "broker connection failed");
      // What cannot be understood must end the connection (MQTT 3.1.1 section 4.8).
      client.stream.destroy();
    });
    client.on("close", () => {
      if (!cutOff) client.options.reconnectPeriod = RECONNECT_FIRST_MS;
      cutOff = false;
    });
    client.on("offline", () => options.log.warn("broker out of reach"));
    client.on("message", (topic, payload, packet) => {
      for (const { filter, handle } of this.#handlers) {
        if (filter.test(topic)) handle({ topic, payload, replayed: packet.retain });
      }
    });
  }

  /** Connects. Throws ControllerError `broker` when there is no connection within the time limit. */
  static async connect(options: ExternalBrokerOptions): Promise<ExternalBroker> {
    const client = new MqttClient(
      () =>
        new LimitedDuplex(
          (options.open ?? openBrokerSocket)(options.url),
          rulesForBroker(options.maxPacketBytes),
        ),
      {
        protocolVersion: 4,
        clientId: options.clientId,
        ...brokerCredentials(options.url),
        clean: true,
        connectTimeout: options.connectTimeoutMs,
        reconnectPeriod: RECONNECT_FIRST_MS,
        reconnectOnConnackError: true,
        keepalive: 15,
        resubscribe: true,
      },
    );
    // Once it is given up, what it still says is nobody's business.
    client.on("error", () => {});
    try {
      await firstConnection(client);
    } catch (cause) {
      client.end(true);
      throw new ControllerError("broker", `${options.url}: ${messageOf(cause)}`, { cause });
    }
    return new ExternalBroker(client, options);
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

/** Resolves at the first CONNACK; rejects when the first attempt fails. */
async function firstConnection(client: MqttClient): Promise<void> {
  const settled = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const on = (event: "connect" | "error" | "close", act: (error: Error) => void): void => {
        client.on(event, act as () => void);
        settled.signal.addEventListener("abort", () => client.off(event, act as () => void));
      };
      on("connect", () => resolve());
      on("error", reject);
      on("close", () => reject(new Error("the connection was closed")));
    });
  } finally {
    settled.abort();
  }
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
