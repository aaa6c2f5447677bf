import { NLA_F_NESTED } from "./constants.ts";
import { NetlinkEncodeError } from "./errors.ts";
import { parseIp6 } from "./ip-text.ts";

/** Netlink is in host byte order; every machine we run on (x86-64, arm64) is little-endian. */
const LE = true;

/**
 * Encodes messages one after another into one buffer, which grows when needed and is used again after clear().
 * A message that fails half way is taken back by rewind().
 */
export class NetlinkWriter {
  #bytes: Uint8Array;
  #view: DataView;
  /** The same octets: netlink aligns nearly everything to 4, and a store here costs a fraction of one by the view. */
  #words: Uint32Array;
  #at = 0;
  #message = 0;

  constructor(capacity = 4096) {
    const buffer = new ArrayBuffer((capacity + 3) & ~3);
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#words = new Uint32Array(buffer);
  }

  get length(): number {
    return this.#at;
  }

  /** What was written; valid until the next write. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  /** Takes back everything written past `length`. */
  rewind(length: number): void {
    this.#at = length;
  }

  /** Makes room. May replace the buffer and its views: call it before touching any. */
  #reserve(octets: number): number {
    const at = this.#at;
    this.#at += octets;
    if (this.#at > this.#bytes.length) this.#grow(at);
    return at;
  }

  #grow(used: number): void {
    const buffer = new ArrayBuffer((Math.max(this.#bytes.length * 2, this.#at) + 3) & ~3);
    const larger = new Uint8Array(buffer);
    larger.set(this.#bytes.subarray(0, used));
    this.#bytes = larger;
    this.#view = new DataView(buffer);
    this.#words = new Uint32Array(buffer);
  }

  /** struct nlmsghdr; its length is filled in by end(). */
  begin(type: number, flags: number, sequence: number): void {
    const at = this.#reserve(16);
    this.#message = at;
    this.#put32(at + 4, type | (flags << 16));
    this.#put32(at + 8, sequence);
    this.#put32(at + 12, 0);
  }

  end(): void {
    this.#put32(this.#message, this.#at - this.#message);
  }

  #put32(at: number, value: number): void {
    if ((at & 3) === 0) this.#words[at >>> 2] = value;
    else this.#view.setUint32(at, value, LE);
  }

  /** Adds flags to the message that begins at octet `start`: NLM_F_ACK on the last one of a send. */
  addFlags(start: number, flags: number): void {
    this.#view.setUint16(start + 6, this.#view.getUint16(start + 6, LE) | flags, LE);
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, LE);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#put32(at, value);
  }

  u64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value, LE);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Sixteen octets of address text. */
  ip6(text: string, end = text.length): void {
    const at = this.#reserve(16);
    if (!parseIp6(text, 0, end, this.#bytes, at))
      throw new NetlinkEncodeError(`not an IPv6 address: ${JSON.stringify(text.slice(0, 64))}`);
  }

  #attribute(type: number, length: number): void {
    const at = this.#reserve(4);
    this.#put32(at, (length + 4) | (type << 16));
  }

  #pad(): void {
    const odd = this.#at & 3;
    if (odd === 0) return;
    const at = this.#reserve(4 - odd);
    this.#bytes.fill(0, at, this.#at);
  }

  flag(type: number): void {
    this.#attribute(type, 0);
  }

  attributeU8(type: number, value: number): void {
    this.#attribute(type, 1);
    this.u8(value);
    this.#pad();
  }

  attributeU16(type: number, value: number): void {
    this.#attribute(type, 2);
    this.u16(value);
    this.#pad();
  }

  attributeU32(type: number, value: number): void {
    const at = this.#reserve(8);
    this.#put32(at, 8 | (type << 16));
    this.#put32(at + 4, value);
  }

  attributeU64(type: number, value: bigint): void {
    this.#attribute(type, 8);
    this.u64(value);
  }

  attributeIp6(type: number, text: string, end = text.length): void {
    this.#attribute(type, 16);
    this.ip6(text, end);
  }

  attributeBytes(type: number, bytes: Uint8Array): void {
    this.#attribute(type, bytes.length);
    this.raw(bytes);
    this.#pad();
  }

  /** A name, octet by octet (the kernel knows no encoding), with a final NUL. At most `limit` octets with it. */
  attributeName(type: number, name: string, limit = 16): void {
    if (name.length === 0 || name.length >= limit)
      throw new NetlinkEncodeError(`name too long or empty: ${JSON.stringify(name.slice(0, 64))}`);
    this.#attribute(type, name.length + 1);
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      if (code === 0 || code > 0xff)
        throw new NetlinkEncodeError(`name with a character outside one octet: ${JSON.stringify(name)}`);
      this.u8(code);
    }
    this.u8(0);
    this.#pad();
  }

  /** Opens a nested attribute; pass what it returns to endNested(). */
  beginNested(type: number): number {
    const at = this.#reserve(4);
    this.#view.setUint16(at + 2, type | NLA_F_NESTED, LE);
    return at;
  }

  endNested(start: number): void {
    this.#view.setUint16(start, this.#at - start, LE);
  }

  /** A u16 length at `at` that covers everything from `at` on (struct rtnexthop). */
  patchLength(at: number): void {
    this.#view.setUint16(at, this.#at - at, LE);
  }
}
