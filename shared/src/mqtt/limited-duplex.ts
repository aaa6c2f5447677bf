import { Duplex } from "node:stream";
import { type FrameRule, FrameScanner } from "./frame-scanner.ts";

/**
 * A connection, TCP, TLS or any other, whose incoming octets are judged as MQTT packets before anybody holds them: the
 * first one that the rule does not allow destroys both with a FrameError, and nothing of that chunk is passed on.
 */
export class LimitedDuplex extends Duplex {
  readonly #inner: Duplex;

  constructor(inner: Duplex, rule: FrameRule) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    const scanner = new FrameScanner(rule);
    inner.on("data", (chunk: Buffer) => {
      if (this.destroyed) return;
      const fault = scanner.scan(chunk);
      if (fault !== undefined) this.destroy(fault);
      else if (!this.push(chunk)) inner.pause();
    });
    inner.on("end", () => this.push(null));
    inner.on("error", (error) => this.destroy(error));
    inner.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inner.write(chunk, done);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#inner.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }
}
