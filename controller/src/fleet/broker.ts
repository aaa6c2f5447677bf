/** A message as a subscriber gets it. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** True when the broker kept it from before the subscription (MQTT 3.1.1 section 3.3.1.3: RETAIN set). */
  readonly replayed: boolean;
}

/**
 * An MQTT 3.1.1 broker as the controller uses it. Two implementations, one conformance suite
 * (test/controller/broker-conformance.test.ts).
 */
export interface Broker extends AsyncDisposable {
  /**
   * Publishes a retained message with QoS 1; an empty payload clears the topic. Resolves when the broker has taken it.
   * Throws ControllerError `broker` when it has not within the implementation's time limit.
   */
  publishRetained(topic: string, payload: Uint8Array): Promise<void>;
  /** Retained messages come first, marked `replayed`. The handler must not throw. */
  subscribe(filter: string, handler: (message: BrokerMessage) => void): Promise<void>;
  /** Calls back at each return of a lost connection: the broker may have forgotten what it retained. */
  onReconnect(handler: () => void): void;
  /** What clients connect to, for people: mqtt://HOST:PORT. */
  readonly url: string;
}
