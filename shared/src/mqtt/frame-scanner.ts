import { VsixError } from "../errors/vsix-error.ts";

export type FrameErrorCode =
  | "mqtt-frame-too-large" // announces more octets than the rule grants its type
  | "mqtt-malformed-length" // a remaining length of more than four octets (section 2.2.3)
  | "mqtt-unexpected-packet"; // a packet that this peer must not send

/** A peer that is not to be listened to any longer. */
export class FrameError extends VsixError<FrameErrorCode> {
  constructor(code: FrameErrorCode, message: string) {
    super(code, message);
    this.name = "FrameError";
  }
}

/**
 * Judges a packet by its first octet (type and flags, MQTT 3.1.1 section 2.2): how many octets may follow the fixed
 * header, or why no such packet may come now. May remember: a rule belongs to one connection.
 */
export type FrameRule = (firstOctet: number) => number | string;

type FrameState =
  | { readonly at: "header" }
  | {
      readonly at: "length";
      readonly first: number;
      readonly limit: number;
      readonly value: number;
      readonly shift: number;
    }
  | { readonly at: "body"; readonly left: number };

/**
 * Follows MQTT framing (3.1.1 section 2.2: one octet, then the remaining length in one to four) without keeping any of
 * it. The verdict depends on the octets alone, not on how they are cut into chunks.
 */
export class FrameScanner {
  readonly #rule: FrameRule;
  #state: FrameState = { at: "header" };
  #fault: FrameError | undefined;
  #packets = 0;

  constructor(rule: FrameRule) {
    this.#rule = rule;
  }

  /** The fault that these octets or any before them have shown; undefined while all is well. */
  scan(chunk: Uint8Array): FrameError | undefined {
    let i = 0;
    while (this.#fault === undefined && i < chunk.length) {
      const state = this.#state;
      if (state.at === "body") {
        const taken = Math.min(state.left, chunk.length - i);
        i += taken;
        this.#state = state.left === taken ? { at: "header" } : { at: "body", left: state.left - taken };
        continue;
      }
      const octet = chunk[i] ?? 0;
      i++;
      if (state.at === "header") this.#begin(octet);
      else this.#lengthOctet(state, octet);
    }
    return this.#fault;
  }

  /** Packets begun so far. */
  get packets(): number {
    return this.#packets;
  }

  #begin(first: number): void {
    this.#packets++;
    const verdict = this.#rule(first);
    if (typeof verdict === "string") this.#fault = new FrameError("mqtt-unexpected-packet", verdict);
    else this.#state = { at: "length", first, limit: verdict, value: 0, shift: 0 };
  }

  #lengthOctet(state: FrameState & { readonly at: "length" }, octet: number): void {
    const { first, limit, shift } = state;
    const value = state.value + (octet & 0x7f) * 2 ** shift;
    if (value > limit) {
      const reason = `MQTT packet of type ${first >> 4} announces at least ${value} octets; ${limit} are allowed`;
      this.#fault = new FrameError("mqtt-frame-too-large", reason);
    } else if ((octet & 0x80) === 0) {
      this.#state = value === 0 ? { at: "header" } : { at: "body", left: value };
    } else if (shift === 21) {
      const reason = "MQTT packet whose remaining length has more than four octets";
      this.#fault = new FrameError("mqtt-malformed-length", reason);
    } else {
      this.#state = { at: "length", first, limit, value, shift: shift + 7 };
    }
  }
}

/** Packet types (section 2.2.1). */
const TYPE = { connack: 2, publish: 3, puback: 4, suback: 9, unsuback: 11, pingresp: 13 } as const;
const SHORT_ANSWERS: ReadonlySet<number> = new Set([TYPE.puback, TYPE.suback, TYPE.unsuback, TYPE.pingresp]);
/** Octets of any answer to what we send: a SUBACK has one for each of a handful of filters. */
const SHORT_OCTETS = 256;

/** What a broker takes from a client: any packet there is, up to `limit` octets. */
export function rulesForClients(limit: number): FrameRule {
  return (first) => {
    const type = first >> 4;
    return type === 0 || type === 15 ? `MQTT packet of reserved type ${type}` : limit;
  };
}

/**
 * What a client that subscribes and publishes with QoS 0 and 1 only takes from a broker: one CONNACK, before all else
 * (section 3.2), answers, and PUBLISH up to `publishLimit` octets with topic. QoS 2 would have us keep each message
 * until it is released, 65535 of them; a broker may not send above what was subscribed (section 3.8.4).
 */
export function rulesForBroker(publishLimit: number): FrameRule {
  let greeted = false;
  return (first) => {
    const type = first >> 4;
    if (type === TYPE.connack) {
      if (greeted) return "a second CONNACK";
      greeted = true;
      return SHORT_OCTETS;
    }
    if (!greeted) return `MQTT packet of type ${type} before CONNACK`;
    if (type === TYPE.publish) {
      const qos = (first >> 1) & 3;
      return qos > 1 ? `a PUBLISH of QoS ${qos}, which nobody asked for` : publishLimit;
    }
    return SHORT_ANSWERS.has(type) ? SHORT_OCTETS : `MQTT packet of type ${type}, which no broker sends us`;
  };
}
