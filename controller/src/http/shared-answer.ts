import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../clock.ts";
import { principalOf } from "./principal.ts";

/** Shorter answers gain nothing on the wire. */
const WORTH_COMPRESSING = 1024;

type Encoding = "br" | "gzip";

const [toBrotli, toGzip] = [promisify(brotliCompress), promisify(gzip)];
/** Fast rather than small: an answer is old after a moment. */
const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const COMPRESS: Readonly<Record<Encoding, (octets: Buffer) => Promise<Buffer>>> = {
  br: (octets) => toBrotli(octets, FAST),
  gzip: (octets) => toGzip(octets, { level: 1 }),
};

export interface SharedAnswerOptions<T> {
  readonly clock: Clock;
  /** Made of what the controller knows, and of nothing of who asks: everybody who may ask gets the same. */
  readonly value: () => T;
  /** An answer is used again only while all of these are what they were. */
  readonly dependsOn: () => readonly unknown[];
  /** How old it may be besides, milliseconds; 0: each asker has it made anew. */
  readonly keepMs: number;
}

interface Kept {
  readonly on: readonly unknown[];
  readonly atMs: number;
  readonly octets: Buffer;
  /** Compressed when it is first asked for, outside the event loop. */
  readonly compressed: Map<Encoding, Promise<Buffer>>;
}

/**
 * The handler of a route whose answer is the same for all who may ask: it is made and put into octets once for all who ask within a
 * moment. It is given no request, so nothing of one asker can come to another; whether somebody may ask was decided before any
 * handler runs (authentication.ts).
 */
export function sharedAnswer<T>({ clock, value, dependsOn, keepMs }: SharedAnswerOptions<T>) {
  let kept: Kept | undefined;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    // Throws where no authentication ran.
    principalOf(request);
    const [on, nowMs] = [dependsOn(), clock.monotonicMs()];
    if (kept === undefined || nowMs - kept.atMs >= keepMs || !same(on, kept.on)) {
      const octets = Buffer.from(reply.serialize(value()) as string);
      kept = { on, atMs: nowMs, octets, compressed: new Map() };
    }
    const { octets, compressed } = kept;
    void reply.type("application/json; charset=utf-8").header("vary", "accept-encoding");
    const encoding = octets.length < WORTH_COMPRESSING ? undefined : encodingOf(request);
    if (encoding === undefined) return reply.send(octets);
    const promise = compressed.get(encoding) ?? COMPRESS[encoding](octets);
    compressed.set(encoding, promise);
    return reply.header("content-encoding", encoding).send(await promise);
  };
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => Object.is(one, b[i]));
}

/** The first of ours that is taken, without weights: whoever takes an encoding and wants none of it says `q=0` (RFC 9110, 12.5.3). */
function encodingOf({ headers }: FastifyRequest): Encoding | undefined {
  const accepted = String(headers["accept-encoding"] ?? "")
    .split(",")
    .map((one) => one.trim());
  return (["br", "gzip"] as const).find((encoding) => accepted.includes(encoding));
}
