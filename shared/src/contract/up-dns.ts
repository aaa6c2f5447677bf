import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { VsixError } from "../errors/vsix-error.ts";

/**
 * What a node saw of DNS, on its way to the controller. A batch is one segment of captured pairs with what is said about it;
 * it is spooled as these octets, and sent as chunks of them, each a message of topic `dns` (not retained, QoS 1). The
 * controller answers on topic `dns-ack` (retained) once the batch is committed to its database.
 *
 *     batch: "VDB1"  u32 length of meta  meta, JSON  segment (opaque here: shared/src/dns)
 *     chunk: "VDC1"  u32 length of head  head, JSON  octets of the batch
 *
 * Numbers are big-endian.
 */

/** Octets of a batch with everything in it. */
export const MAX_BATCH_OCTETS = 8 * 1024 * 1024;
/** Octets of a batch in one chunk: on a link of 1 Mbit/s half a second. */
export const CHUNK_OCTETS = 64 * 1024;
/** Octets of a chunk message. */
export const MAX_CHUNK_OCTETS = CHUNK_OCTETS + 4096;
const MAX_HEAD_OCTETS = 2048;
const MAX_META_OCTETS = 32 * 1024;
const MAX_PAIRS = 1_000_000;
/** Earlier instances that one batch tells of. */
export const MAX_PREVIOUS = 16;
/** Year 2255 in microseconds; and every number below is safe (2^53). */
const MAX_US = 9_000_000_000_000_000;
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** One life of an agent's spool. */
export const SpoolInstance = Type.String({ pattern: "^[a-z0-9-]{1,64}$" });

export const DnsBatchMeta = Type.Object({
  version: Type.Literal(1),
  /** Where is captured: interfaces. */
  points: Type.Array(Type.String({ pattern: "^[\\x21-\\x7e]{1,64}$" }), { maxItems: 256 }),
  /** Oldest and newest pair, microseconds since 1970 on the node's clock. */
  firstUs: Type.Integer({ minimum: 0, maximum: MAX_US }),
  lastUs: Type.Integer({ minimum: 0, maximum: MAX_US }),
  /** Pairs and half pairs in the segment; 0: there is no segment, only counters are told. */
  pairs: Type.Integer({ minimum: 0, maximum: MAX_PAIRS }),
  /** Of this instance, before this batch: what is missing between two batches is what the spool had to drop. */
  pairsBefore: Count,
  /** Since the batch before: packets, kernelDrops, parseErrors and so on. */
  counters: Type.Record(Type.String({ pattern: "^[a-zA-Z]{1,32}$" }), Count, { maxProperties: 48 }),
  /** Instances before this one, and all the pairs each is known to have seen: what it did not store is lost. */
  previous: Type.Optional(
    Type.Array(Type.Object({ instance: SpoolInstance, pairs: Count }), { maxItems: MAX_PREVIOUS }),
  ),
  /** Nothing was captured in this time though it was wanted: all before `fromUs` was read, and all since `toUs`. */
  gap: Type.Optional(
    Type.Object({
      fromUs: Type.Integer({ minimum: 0, maximum: MAX_US }),
      toUs: Type.Integer({ minimum: 0, maximum: MAX_US }),
    }),
  ),
});
export type DnsBatchMeta = Static<typeof DnsBatchMeta>;

export const DnsChunkHead = Type.Object({
  version: Type.Literal(1),
  node: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }),
  instance: SpoolInstance,
  /** Of the batch within its instance; grows, gaps are what was dropped. */
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** Of these octets in the batch. */
  offset: Type.Integer({ minimum: 0, maximum: MAX_BATCH_OCTETS }),
  /** Octets of the batch. */
  total: Type.Integer({ minimum: 1, maximum: MAX_BATCH_OCTETS }),
  /** Of the whole batch. */
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});
export type DnsChunkHead = Static<typeof DnsChunkHead>;

/** Topic `dns-ack`, retained, controller to node: everything of this instance up to `through` need not be kept any more. */
export const DnsAck = Type.Object({
  version: Type.Literal(1),
  instance: SpoolInstance,
  through: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** The batch `through` cannot be read and was not stored: the node must not try for ever. */
  refused: Type.Optional(Type.String({ maxLength: 512 })),
});
export type DnsAck = Static<typeof DnsAck>;
const MAX_ACK_OCTETS = 2048;

/** A message or a batch that cannot be used. */
export class DnsMessageError extends VsixError<"dns-message"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("dns-message", message, options);
    this.name = "DnsMessageError";
  }
}

const BATCH_MAGIC = 0x56444231;
const CHUNK_MAGIC = 0x56444331;

export function encodeDnsBatch(meta: DnsBatchMeta, segment: Uint8Array): Uint8Array {
  return framed(BATCH_MAGIC, meta, segment);
}

/** Throws {@link DnsMessageError}. The segment is a view. */
export function decodeDnsBatch(bytes: Uint8Array): {
  readonly meta: DnsBatchMeta;
  readonly segment: Uint8Array;
} {
  if (bytes.length > MAX_BATCH_OCTETS) throw new DnsMessageError(`a batch of ${bytes.length} octets`);
  const { head: meta, body: segment } = unframed("batch", BATCH_MAGIC, MAX_META_OCTETS, bytes);
  if (!Value.Check(DnsBatchMeta, meta)) throw new DnsMessageError(`batch: ${firstFault(DnsBatchMeta, meta)}`);
  if (meta.lastUs < meta.firstUs) throw new DnsMessageError("batch: it ends before it begins");
  if (meta.gap !== undefined && meta.gap.toUs < meta.gap.fromUs)
    throw new DnsMessageError("batch: its gap ends before it begins");
  if ((meta.pairs === 0) !== (segment.length === 0))
    throw new DnsMessageError(`batch: ${meta.pairs} pairs in ${segment.length} octets`);
  return { meta, segment };
}

export function encodeDnsChunk(head: DnsChunkHead, octets: Uint8Array): Uint8Array {
  return framed(CHUNK_MAGIC, head, octets);
}

/** Throws {@link DnsMessageError}. The octets are a view. */
export function decodeDnsChunk(bytes: Uint8Array): {
  readonly head: DnsChunkHead;
  readonly octets: Uint8Array;
} {
  if (bytes.length > MAX_CHUNK_OCTETS) throw new DnsMessageError(`a chunk of ${bytes.length} octets`);
  const { head, body: octets } = unframed("chunk", CHUNK_MAGIC, MAX_HEAD_OCTETS, bytes);
  if (!Value.Check(DnsChunkHead, head)) throw new DnsMessageError(`chunk: ${firstFault(DnsChunkHead, head)}`);
  const end = head.offset + octets.length;
  if (octets.length === 0 || end > head.total || (octets.length !== CHUNK_OCTETS && end !== head.total))
    throw new DnsMessageError(`chunk: ${octets.length} octets at ${head.offset} of ${head.total}`);
  return { head, octets };
}

/** Throws {@link DnsMessageError}. */
export function decodeDnsAck(bytes: Uint8Array): DnsAck {
  if (bytes.length > MAX_ACK_OCTETS) throw new DnsMessageError(`an answer of ${bytes.length} octets`);
  const value = parseJson("answer", bytes);
  if (!Value.Check(DnsAck, value)) throw new DnsMessageError(`answer: ${firstFault(DnsAck, value)}`);
  return value;
}

function framed(magic: number, head: object, body: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(8 + json.length + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, json.length);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

function unframed(
  what: string,
  magic: number,
  maxHead: number,
  bytes: Uint8Array,
): { readonly head: unknown; readonly body: Uint8Array } {
  if (bytes.length < 8) throw new DnsMessageError(`${what}: cut off`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic) throw new DnsMessageError(`${what}: is something else`);
  const length = view.getUint32(4);
  if (length > maxHead || length > bytes.length - 8) throw new DnsMessageError(`${what}: cut off`);
  return { head: parseJson(what, bytes.subarray(8, 8 + length)), body: bytes.subarray(8 + length) };
}

function parseJson(what: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new DnsMessageError(`${what}: is not UTF-8 JSON`, { cause });
  }
}

function firstFault(
  schema: typeof DnsBatchMeta | typeof DnsChunkHead | typeof DnsAck,
  value: unknown,
): string {
  const first = Value.Errors(schema, value).First();
  return `${first?.path || "/"}: ${first?.message ?? "does not fit"}`;
}

/** WHATWG Encoding: pure functions that every engine has, though the ES library types leave them out. */
declare const TextDecoder: new (
  label: "utf-8",
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
