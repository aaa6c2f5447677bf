import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import { hashBytes } from "@vsix/shared/dns/hash.ts";
import type { PacketDecoder } from "../../wire/capture/packet.ts";

/** Source, destination, identification, what it is part of, length of addresses, point. */
const KEY = 16 + 16 + 4 + 3;
/** Where the payload begins in the octets of a datagram; its addresses are before it. */
export const DATAGRAM_AT = 32;
const MAX_RANGES = 64;

interface Datagram {
  readonly key: Uint8Array;
  octets: Uint8Array;
  /** Pairs of first octet and the one behind the last, in order, none touching. */
  readonly ranges: number[];
  /** Of the first fragment: of IPv6 no other counts (RFC 8200 section 4.5). */
  next: number;
  /** -1 until the last fragment is there. */
  total: number;
  fragments: number;
  readonly second: number;
  /** Something was wrong with it: further fragments are dropped. */
  dead: boolean;
}

export interface FragmentLimits {
  readonly datagrams: number;
  readonly octets: number;
  readonly timeoutS: number;
}

export const FRAGMENT_LIMITS: FragmentLimits = { datagrams: 1024, octets: 4 << 20, timeoutS: 15 };

/** Puts fragments together. An overlap spoils the whole datagram (RFC 5722, RFC 8200 section 4.5); here IPv4's too. */
export class Fragments {
  readonly #seed: number;
  readonly #counters: CaptureCounters;
  readonly #limits: FragmentLimits;
  /** By hash of the key; oldest first. */
  readonly #datagrams = new Map<number, Datagram>();
  readonly #key = new Uint8Array(KEY);
  #octets = 0;

  constructor(seed: number, counters: CaptureCounters, limits: FragmentLimits = FRAGMENT_LIMITS) {
    this.#seed = seed;
    this.#counters = counters;
    this.#limits = limits;
  }

  /**
   * One fragment, as `packet` found it. @returns the datagram where it is whole now: addresses, then from DATAGRAM_AT on
   * `packet.end - DATAGRAM_AT` octets; `packet` is as if it had found it so.
   */
  add(bytes: Uint8Array, packet: PacketDecoder, second: number, point: number): Uint8Array | undefined {
    this.#counters.fragments++;
    const hash = this.#setKey(bytes, packet, point);
    let datagram = this.#datagrams.get(hash);
    if (datagram !== undefined && !equal(datagram.key, this.#key)) {
      this.#drop(hash, datagram);
      datagram = undefined;
    }
    datagram ??= this.#make(hash, second);
    datagram.fragments++;
    if (datagram.dead) {
      this.#counters.fragmentsLost++;
      datagram.fragments--;
      return undefined;
    }
    const from = packet.fragmentOffset;
    const end = from + packet.end - packet.at;
    const wrong = (packet.fragmentMore && (packet.end - packet.at) % 8 !== 0) || end > 65_535 || end === from;
    if (wrong || !this.#place(datagram, from, end, packet.fragmentMore)) {
      this.#spoil(datagram);
      return undefined;
    }
    if (from === 0) datagram.next = packet.fragmentNext;
    this.#write(datagram, bytes.subarray(packet.at, packet.end), from);
    if (this.#octets > this.#limits.octets) this.#makeRoom();
    const [first, past] = datagram.ranges;
    const whole = datagram.ranges.length === 2 && first === 0 && past === datagram.total;
    if (datagram.dead || !whole) return undefined;
    this.#datagrams.delete(hash);
    this.#octets -= datagram.octets.length;
    this.#counters.reassembled++;
    packet.fragmentNext = datagram.next;
    packet.sourceAt = 0;
    packet.destinationAt = 16;
    packet.at = DATAGRAM_AT;
    packet.end = DATAGRAM_AT + datagram.total;
    return datagram.octets;
  }

  expire(second: number): void {
    for (const [hash, datagram] of this.#datagrams) {
      if (second - datagram.second < this.#limits.timeoutS) return;
      this.#drop(hash, datagram);
    }
  }

  #setKey(bytes: Uint8Array, packet: PacketDecoder, point: number): number {
    const key = this.#key.fill(0);
    for (let i = 0; i < packet.addressLength; i++) {
      key[i] = bytes[packet.sourceAt + i] as number;
      key[16 + i] = bytes[packet.destinationAt + i] as number;
    }
    new DataView(key.buffer).setUint32(32, packet.fragmentId);
    // Of IPv4 the protocol is part of what identifies a datagram (RFC 791); of IPv6 only the first fragment's counts.
    key[36] = packet.addressLength === 4 ? packet.fragmentNext : 0;
    key[37] = packet.addressLength;
    key[38] = point;
    return hashBytes(key, 0, KEY, this.#seed);
  }

  #make(hash: number, second: number): Datagram {
    if (this.#datagrams.size >= this.#limits.datagrams) this.#dropOldest();
    const octets = new Uint8Array(DATAGRAM_AT + 2048);
    octets.set(this.#key.subarray(0, 32));
    const datagram: Datagram = {
      key: this.#key.slice(),
      octets,
      ranges: [],
      next: this.#key[36] as number,
      total: -1,
      fragments: 0,
      second,
      dead: false,
    };
    this.#octets += octets.length;
    this.#datagrams.set(hash, datagram);
    return datagram;
  }

  /** False where it overlaps, or contradicts what is known of the end. The very same range again changes nothing. */
  #place(datagram: Datagram, from: number, end: number, more: boolean): boolean {
    if (!more) {
      if (datagram.total >= 0 && datagram.total !== end) return false;
      datagram.total = end;
    }
    if (datagram.total >= 0 && (end > datagram.total || (datagram.ranges.at(-1) ?? 0) > datagram.total))
      return false;
    const { ranges } = datagram;
    let i = 0;
    while (i < ranges.length && (ranges[i + 1] as number) < from) i += 2;
    const [start, past] = [ranges[i], ranges[i + 1]];
    if (start === undefined || past === undefined || end < start) {
      ranges.splice(i, 0, from, end);
      return ranges.length <= MAX_RANGES;
    }
    if (start <= from && end <= past) return true;
    if (past === from) {
      const next = ranges[i + 2];
      if (next !== undefined && next < end) return false;
      ranges[i + 1] = end;
      if (next === end) ranges.splice(i + 1, 2);
      return true;
    }
    if (end !== start) return false;
    ranges[i] = from;
    return true;
  }

  #write(datagram: Datagram, payload: Uint8Array, from: number): void {
    const past = DATAGRAM_AT + from + payload.length;
    if (past > datagram.octets.length) {
      const wider = new Uint8Array(
        Math.min(65_536 + DATAGRAM_AT, Math.max(past, datagram.octets.length * 2)),
      );
      wider.set(datagram.octets);
      this.#octets += wider.length - datagram.octets.length;
      datagram.octets = wider;
    }
    datagram.octets.set(payload, DATAGRAM_AT + from);
  }

  #spoil(datagram: Datagram): void {
    this.#counters.fragmentsLost += datagram.fragments;
    this.#octets -= datagram.octets.length;
    datagram.fragments = 0;
    datagram.octets = EMPTY;
    datagram.dead = true;
  }

  #makeRoom(): void {
    while (this.#octets > this.#limits.octets && this.#datagrams.size > 1) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const [hash, datagram] of this.#datagrams) {
      this.#drop(hash, datagram);
      return;
    }
  }

  #drop(hash: number, datagram: Datagram): void {
    this.#datagrams.delete(hash);
    if (!datagram.dead) this.#spoil(datagram);
  }
}

const EMPTY = new Uint8Array();

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < KEY; i++) if (a[i] !== b[i]) return false;
  return true;
}
