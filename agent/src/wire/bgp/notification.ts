import { encodeMessage, NOTIFICATION } from "./message.ts";

export interface Notification {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/** The body is at least 2 octets (MessageFramer saw to it). */
export function decodeNotification(body: Uint8Array): Notification {
  return { code: body[0] ?? 0, subcode: body[1] ?? 0, data: body.slice(2) };
}

export function encodeNotification(code: number, subcode: number): Uint8Array {
  return encodeMessage(NOTIFICATION, Uint8Array.of(code, subcode));
}

const NAMES: Readonly<Record<number, string>> = {
  1: "message header error",
  2: "OPEN error",
  3: "UPDATE error",
  4: "hold timer expired",
  5: "state machine error",
  6: "cease",
};

/** Subcodes of Cease, RFC 4486 and RFC 8538. */
const CEASE: Readonly<Record<number, string>> = {
  1: "maximum number of prefixes reached",
  2: "administrative shutdown",
  3: "peer de-configured",
  4: "administrative reset",
  5: "connection rejected",
  6: "other configuration change",
  7: "connection collision",
  8: "out of resources",
  9: "hard reset",
};

/** For people. */
export function describeNotification(notification: Notification): string {
  const { code, subcode } = notification;
  const name = NAMES[code] ?? `code ${code}`;
  const detail = code === 6 ? (CEASE[subcode] ?? `subcode ${subcode}`) : `subcode ${subcode}`;
  return `${name}, ${detail}`;
}
