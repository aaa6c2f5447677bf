import type { Socket } from "node:net";
import { Duplex } from "node:stream";

type FrameState =
  | { readonly at: "header" }
  | { readonly at: "length"; readonly value: number; readonly shift: number }
  | { readonly at: "body"; readonly left: number };

/**
 * Follows MQTT framing (3.1.1 section 2.2: one byte, then the remaining length in 1 to 4 bytes) without keeping any of
 * it; says false as soon as a packet announces more than `limit` octets.
 */
export class FrameScanner {
  readonly #limit: number;
  #state: FrameState = { at: "header" };

  constructor(limit: number) {
    this.#limit = limit;
  }

  accept(chunk: Uint8Array): boolean {
    let i = 0;
    while (i < chunk.length) {
      const state = this.#state;
      if (state.at === "body") {
        const taken = Math.min(state.left, chunk.length - i);
        i += taken;
        this.#state = state.left === taken ? { at: "header" } : { at: "body", left: state.left - taken };
        continue;
      }
      const byte = chunk[i] ?? 0;
      i++;
      if (state.at === "header") {
        this.#state = { at: "length", value: 0, shift: 0 };
        continue;
      }
      const value = state.value + (byte & 0x7f) * 2 ** state.shift;
      if (value > this.#limit) return false;
      if ((byte & 0x80) !== 0) {
        // A fifth length byte is malformed (section 2.2.3).
        if (state.shift === 21) return false;
        this.#state = { at: "length", value, shift: state.shift + 7 };
      } else {
        this.#state = value === 0 ? { at: "header" } : { at: "body", left: value };
      }
    }
    return true;
  }
}

/** A client's socket that dies of a packet larger than `limit` before the packet is held in memory. */
export class LimitedConnection extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket, limit: number) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    const scanner = new FrameScanner(limit);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      if (!scanner.accept(chunk)) this.destroy(new RangeError(`MQTT packet larger than ${limit} octets`));
      else if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
