import { headerError } from "./decode-error.ts";

/** Message types, RFC 4271 section 4.1. */
export const OPEN = 1;
export const UPDATE = 2;
export const NOTIFICATION = 3;
export const KEEPALIVE = 4;
/** RFC 2918. */
export const ROUTE_REFRESH = 5;

export const HEADER_LENGTH = 19;
/** RFC 4271 section 4; the extended message (RFC 8654) is not offered. */
export const MAX_MESSAGE_LENGTH = 4096;

export interface Message {
  readonly type: number;
  /** What follows the header; a view into the bytes received. */
  readonly body: Uint8Array;
}

/** Least whole length by type: header, and what section 4 makes mandatory. */
const LEAST: Readonly<Record<number, number>> = {
  [OPEN]: 29,
  [UPDATE]: 23,
  [NOTIFICATION]: 21,
  [KEEPALIVE]: 19,
  [ROUTE_REFRESH]: 23,
};

/** Puts a header before a body. */
export function encodeMessage(type: number, body: Uint8Array): Uint8Array {
  const length = HEADER_LENGTH + body.length;
  if (length > MAX_MESSAGE_LENGTH) throw new RangeError(`BGP message of ${length} octets`);
  const bytes = new Uint8Array(length).fill(0xff, 0, 16);
  bytes[16] = length >> 8;
  bytes[17] = length & 0xff;
  bytes[18] = type;
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}

const NOTHING = new Uint8Array(0);

export function encodeKeepalive(): Uint8Array {
  return encodeMessage(KEEPALIVE, NOTHING);
}

function readHeader(bytes: Uint8Array, at: number): { readonly length: number; readonly type: number } {
  for (let i = at; i < at + 16; i++) if (bytes[i] !== 0xff) throw headerError(1, "marker is not all ones");
  const length = ((bytes[at + 16] ?? 0) << 8) | (bytes[at + 17] ?? 0);
  const type = bytes[at + 18] ?? 0;
  const least = LEAST[type];
  if (length < HEADER_LENGTH || length > MAX_MESSAGE_LENGTH) throw headerError(2, `length ${length}`);
  if (least === undefined) throw headerError(3, `type ${type}`);
  if (length < least || (type === KEEPALIVE && length !== least))
    throw headerError(2, `length ${length} of type ${type}`);
  return { length, type };
}

/** Cuts a byte stream into messages. Holds at most one incomplete message (4,095 octets). */
export class MessageFramer {
  #rest: Uint8Array = NOTHING;

  /** The messages completed by `chunk`, in order. Throws BgpDecodeError; the stream is lost then. */
  push(chunk: Uint8Array): readonly Message[] {
    const bytes = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk);
    const messages: Message[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER_LENGTH) {
      const { length, type } = readHeader(bytes, at);
      if (bytes.length - at < length) break;
      messages.push({ type, body: bytes.subarray(at + HEADER_LENGTH, at + length) });
      at += length;
    }
    this.#rest = at === bytes.length ? NOTHING : bytes.slice(at);
    return messages;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
