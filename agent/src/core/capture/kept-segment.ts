import { CAPTURE_COUNTERS, type CaptureCounters, noCounters } from "@vsix/shared/dns/counters.ts";
import { readSegmentHeader } from "@vsix/shared/dns/segment-header.ts";
import { JournalError } from "../../wire/capture/journal-error.ts";
import type { CaptureGap, SegmentMeta } from "./spool-port.ts";

/**
 * A segment and what is said of it, as a file that is there until the spool has it. Whatever wrote it may have been captured with
 * another part, or before the machine was started: it is complete.
 *
 *     "VDS1"  u32 length of JSON  { points, counted, gap }  segment
 */
const MAGIC = 0x3153_4456;
const HEAD = 8;

/** What stands before the segment's octets. */
export function keptSegmentHead({ points, counted, gap }: SegmentMeta): Uint8Array {
  const some = Object.fromEntries(Object.entries(counted).filter(([, n]) => n !== 0));
  // Names of interfaces are whatever the kernel takes: as escapes, all of it is ASCII.
  const text = JSON.stringify({ points, counted: some, gap }).replace(
    /[\u0080-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const bytes = new Uint8Array(HEAD + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, text.length, true);
  for (let i = 0; i < text.length; i++) bytes[HEAD + i] = text.charCodeAt(i);
  return bytes;
}

export function isKeptSegment(bytes: Uint8Array): boolean {
  return (
    bytes.length >= HEAD &&
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true) === MAGIC
  );
}

/** @throws JournalError, or DnsSegmentError of the segment's own head. */
export function readKeptSegment(bytes: Uint8Array): {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly meta: SegmentMeta;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = isKeptSegment(bytes) ? view.getUint32(4, true) : bytes.length;
  if (length > bytes.length - HEAD) throw new JournalError("damaged", "a kept segment: cut short");
  let text = "";
  for (let i = HEAD; i < HEAD + length; i++) text += String.fromCharCode(bytes[i] as number);
  const { points, counted, gap } = headOf(text);
  // With memory of its own, also where `bytes` is a Buffer: it goes from thread to thread.
  const octets = new Uint8Array(bytes.subarray(HEAD + length));
  const { rows, leastNs, greatestNs } = readSegmentHeader(octets);
  const meta = { rows, leastNs, greatestNs, points, counted, ...(gap === undefined ? {} : { gap }) };
  return { octets, meta };
}

/** By hand: the schema checker would be the largest thing in the capture's thread. */
function headOf(text: string): Pick<SegmentMeta, "points" | "counted" | "gap"> {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    throw new JournalError("damaged", "a kept segment: its head is no JSON");
  }
  const { points, counted, gap } = Object(head) as Record<string, unknown>;
  if (!Array.isArray(points) || !points.every((one): one is string => typeof one === "string"))
    throw new JournalError("damaged", "a kept segment: no interfaces are told");
  return { points, counted: countersOf(counted), ...gapOf(gap) };
}

function countersOf(said: unknown): CaptureCounters {
  const counters = noCounters();
  const counted = Object(said) as Record<string, unknown>;
  for (const name of CAPTURE_COUNTERS) {
    const n = counted[name] ?? 0;
    if (!isCount(n)) throw new JournalError("damaged", `a kept segment: counter ${name} is no number`);
    counters[name] = n;
  }
  return counters;
}

function gapOf(said: unknown): { readonly gap?: CaptureGap } {
  if (said === undefined) return {};
  const { fromUs, toUs } = Object(said) as Record<string, unknown>;
  if (!isCount(fromUs) || !isCount(toUs))
    throw new JournalError("damaged", "a kept segment: a gap without times");
  return { gap: { fromUs, toUs } };
}

function isCount(n: unknown): n is number {
  return typeof n === "number" && Number.isSafeInteger(n) && n >= 0;
}
