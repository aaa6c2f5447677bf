import { wordBuffer } from "@vsix/shared/dns/bytes-table.ts";
import { JournalError } from "../../wire/capture/journal-error.ts";
import { TRANSPORT_AT } from "./pair-key.ts";
import { KEY_HEAD, KEY_ROOM, type PendingQueries } from "./pending.ts";

/**
 * Queries that wait, as octets: numbers little-endian, the oldest first.
 *
 *     u32 seconds  u32 nanoseconds  u32 edns  u16 flags  u16 size  u8 point  u8 retries  u16 octets of key  key
 */
const HEAD = 20;
/** Octets that a query takes at most. */
export const MAX_SAVED = HEAD + KEY_ROOM;
/** Times of one segment are numbers that a double holds: they lie no further apart. */
export const MOST_APART_S = 7 * 86_400;
/** Type and class, behind a name. */
const TAIL = 4;

export function savePending(pending: PendingQueries): Uint8Array {
  let octets = 0;
  for (let slot = pending.oldest; slot >= 0; slot = pending.after(slot))
    octets += HEAD + (pending.keyLengths[slot] as number);
  const bytes = new Uint8Array(octets);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let slot = pending.oldest; slot >= 0; slot = pending.after(slot)) {
    const length = pending.keyLengths[slot] as number;
    view.setUint32(at, pending.seconds[slot] as number, true);
    view.setUint32(at + 4, pending.nanoseconds[slot] as number, true);
    view.setUint32(at + 8, pending.edns[slot] as number, true);
    view.setUint16(at + 12, pending.flags[slot] as number, true);
    view.setUint16(at + 14, pending.sizes[slot] as number, true);
    bytes[at + 16] = pending.points[slot] as number;
    bytes[at + 17] = pending.retries[slot] as number;
    view.setUint16(at + 18, length, true);
    at += HEAD;
    const from = slot * KEY_ROOM;
    for (let i = 0; i < length; i++) bytes[at + i] = pending.keys.bytes[from + i] as number;
    at += length;
  }
  return bytes;
}

/**
 * These wait, and no others.
 * @param points that there are
 * @param nowS seconds, UTC: no time is further from it than MOST_APART_S
 * @throws JournalError for what savePending() did not make; none waits then
 */
export function restorePending(
  pending: PendingQueries,
  saved: Uint8Array,
  points: number,
  nowS: number,
): void {
  pending.clear();
  try {
    fill(pending, saved, points, nowS);
  } catch (error) {
    pending.clear();
    throw error;
  }
}

function fill(pending: PendingQueries, saved: Uint8Array, points: number, nowS: number): void {
  const view = new DataView(saved.buffer, saved.byteOffset, saved.byteLength);
  const key = wordBuffer(KEY_ROOM);
  for (let at = 0; at < saved.length; ) {
    if (at + HEAD > saved.length) throw new JournalError("damaged", "waiting queries: cut short");
    const length = view.getUint16(at + 18, true);
    const from = at + HEAD;
    if (from + length > saved.length || !isKey(saved.subarray(from, from + length)))
      throw new JournalError("damaged", `waiting queries: a key of ${length} octets`);
    if ((saved[at + 16] as number) >= points)
      throw new JournalError("damaged", "waiting queries: one of no interface");
    if (Math.abs(view.getUint32(at, true) - nowS) > MOST_APART_S)
      throw new JournalError("damaged", "waiting queries: one of another time");
    if (pending.full) throw new JournalError("damaged", `waiting queries: more than ${pending.size}`);
    key.bytes.fill(0);
    key.bytes.set(saved.subarray(from, from + length));
    const hash = pending.hashOf(key, length);
    if (pending.find(key, length, hash) >= 0)
      throw new JournalError("damaged", "waiting queries: one is there twice");
    const slot = pending.add(key, length, hash);
    pending.seconds[slot] = view.getUint32(at, true);
    pending.nanoseconds[slot] = Math.min(view.getUint32(at + 4, true), 999_999_999);
    pending.edns[slot] = view.getUint32(at + 8, true);
    pending.flags[slot] = view.getUint16(at + 12, true);
    pending.sizes[slot] = view.getUint16(at + 14, true);
    pending.points[slot] = saved[at + 16] as number;
    pending.retries[slot] = saved[at + 17] as number;
    at = from + length;
  }
}

/** A head and a name in wire form, with type and class behind it. */
function isKey(key: Uint8Array): boolean {
  if (key.length < KEY_HEAD + 1 + TAIL || key.length > KEY_ROOM - 1) return false;
  const address = key[TRANSPORT_AT + 1];
  if ((address !== 4 && address !== 16) || (key[TRANSPORT_AT] as number) > 1) return false;
  let at = KEY_HEAD;
  const end = key.length - TAIL;
  while (at < end && key[at] !== 0) {
    const label = key[at] as number;
    if (label > 63) return false;
    at += 1 + label;
  }
  return at === end - 1 && key[at] === 0;
}
