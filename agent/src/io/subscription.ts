import type { MqttClient } from "mqtt";
import type { Logger } from "pino";

/** Pause before a refused subscription is tried again; doubles up to the last with each refusal. */
const AGAIN_FIRST_MS = 1_000;
const AGAIN_LAST_MS = 60_000;
/** A return code of SUBACK with this bit is a refusal (MQTT 3.1.1 section 3.9.3). */
const REFUSED = 0x80;

export interface SubscriptionOptions {
  readonly client: MqttClient;
  readonly filters: readonly string[];
  readonly log: Logger;
  /** {@link Subscription.fault} has changed. */
  readonly onChange: () => void;
}

/** What one client listens to, connection by connection: asked for at each, and again where the broker refuses. */
export class Subscription implements Disposable {
  readonly #options: SubscriptionOptions;
  /** Counts what was begun: answers to anything older are nobody's. */
  #turn = 0;
  #againMs = AGAIN_FIRST_MS;
  #again: NodeJS.Timeout | undefined;
  #fault: string | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Which filters the broker refuses, or undefined. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** A connection is up. */
  begin(): void {
    this.#again = void clearTimeout(this.#again);
    this.#ask(++this.#turn, this.#options.filters);
  }

  /** The connection is lost; what the broker last said stands until it says otherwise. */
  end(): void {
    this.#turn++;
    this.#again = void clearTimeout(this.#again);
  }

  /** Has the broker send everything that it keeps for us once more. */
  renew(): void {
    const { client, filters } = this.#options;
    if (!client.connected) return;
    this.end();
    const turn = this.#turn;
    client.unsubscribe([...filters], () => {
      if (turn === this.#turn && client.connected) this.begin();
    });
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #ask(turn: number, filters: readonly string[]): void {
    const { client } = this.#options;
    client.subscribe([...filters], { qos: 1 }, (error, _grants, packet) => {
      // Without a SUBACK it is the connection that failed.
      if (turn !== this.#turn || packet === undefined) return;
      const refused = filters.filter((_filter, i) => codeOf(packet.granted[i]) >= REFUSED);
      if (refused.length > 0 || error) this.#refused(turn, refused.length > 0 ? refused : filters);
      else this.#granted();
    });
  }

  #refused(turn: number, filters: readonly string[]): void {
    const { log, onChange } = this.#options;
    const pauseMs = this.#againMs;
    this.#againMs = Math.min(pauseMs * 2, AGAIN_LAST_MS);
    this.#again = setTimeout(() => this.#ask(turn, filters), pauseMs);
    log.warn({ filters, pauseMs }, "broker refused the subscription");
    const fault = `the broker refuses to let this node hear ${filters.join(", ")}: no new document can arrive`;
    if (fault === this.#fault) return;
    this.#fault = fault;
    onChange();
  }

  #granted(): void {
    this.#againMs = AGAIN_FIRST_MS;
    if (this.#fault === undefined) return;
    this.#fault = undefined;
    this.#options.log.info("broker granted the subscription");
    this.#options.onChange();
  }
}

/** mqtt.js types a grant of SUBACK as a number or as what MQTT 5 makes of it. */
function codeOf(grant: unknown): number {
  return typeof grant === "number" ? grant : REFUSED;
}
