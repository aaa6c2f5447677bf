import { GrpcError } from "./status.ts";

/** Compressed-Flag and Message-Length (grpc/grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message"). */
const PREFIX = 5;

/** A message as it is sent: not compressed. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, PREFIX);
  return frame;
}

/** Cuts what arrives into messages. Throws GrpcError; nothing may be pushed after that. */
export class FrameReader {
  readonly #maxOctets: number;
  readonly #prefix = new Uint8Array(PREFIX);
  #prefixLength = 0;
  #chunks: Uint8Array[] = [];
  /** Octets that the message under way still lacks. */
  #missing = 0;

  /** @param maxOctets of the largest message; a larger one ends the call before any of it is held. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** Messages that are whole now. A message within one chunk is a view of it. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#prefixLength < PREFIX) {
        const taken = rest.subarray(0, PREFIX - this.#prefixLength);
        this.#prefix.set(taken, this.#prefixLength);
        this.#prefixLength += taken.length;
        rest = rest.subarray(taken.length);
        if (this.#prefixLength < PREFIX) return;
        this.#begin();
      }
      const piece = rest.subarray(0, this.#missing);
      rest = rest.subarray(piece.length);
      this.#missing -= piece.length;
      if (piece.length > 0) this.#chunks.push(piece);
      if (this.#missing === 0) yield this.#take();
    }
  }

  /** Throws if the end comes amid a message. */
  end(): void {
    if (this.#prefixLength > 0) throw new GrpcError("internal", "the answer ends amid a message");
  }

  #begin(): void {
    const [flag] = this.#prefix;
    // No grpc-accept-encoding was sent, so that nothing may be compressed.
    if (flag !== 0) throw new GrpcError("internal", `message with flag ${flag}, which was not agreed on`);
    const length = new DataView(this.#prefix.buffer).getUint32(1);
    if (length > this.#maxOctets) {
      throw new GrpcError(
        "resource-exhausted",
        `message of ${length} octets is larger than ${this.#maxOctets}`,
      );
    }
    this.#missing = length;
  }

  #take(): Uint8Array {
    const [only = new Uint8Array(0)] = this.#chunks;
    const whole = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : only;
    this.#chunks = [];
    this.#prefixLength = 0;
    return whole;
  }
}
