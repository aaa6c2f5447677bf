import { Duplex } from "node:stream";
import { type FrameRule, FrameScanner } from "./frame-scanner.ts";
import type { OctetBudget } from "./octet-budget.ts";

/**
 * A connection, TCP, TLS or any other, whose incoming octets are judged as MQTT packets before anybody holds them: the
 * first one that the rule does not allow destroys both with a FrameError, and nothing of that chunk is passed on. With a budget,
 * whoever sends more is read no faster than that.
 */
export class LimitedDuplex extends Duplex {
  readonly #inner: Duplex;
  /** Nothing is read until then. */
  #rest: NodeJS.Timeout | undefined;

  /** What may come; to be told once it is known who is there. */
  budget: OctetBudget | undefined;

  constructor(inner: Duplex, rule: FrameRule) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    const scanner = new FrameScanner(rule);
    let packets = 0;
    inner.on("data", (chunk: Buffer) => {
      if (this.destroyed) return;
      const fault = scanner.scan(chunk);
      if (fault !== undefined) this.destroy(fault);
      else if (!this.push(chunk)) inner.pause();
      const waitMs = this.budget?.spend(chunk.length, scanner.packets - packets, performance.now()) ?? 0;
      packets = scanner.packets;
      if (waitMs > 0 && !this.destroyed) this.#pause(waitMs);
    });
    inner.on("end", () => this.push(null));
    inner.on("error", (error) => this.destroy(error));
    inner.on("close", () => this.destroy());
  }

  override _read(): void {
    if (this.#rest === undefined) this.#inner.resume();
  }

  #pause(ms: number): void {
    this.#inner.pause();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.#inner.resume();
    }, ms);
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
    clearTimeout(this.#rest);
    this.#inner.destroy();
    done(error);
  }
}
