import { NLA_TYPE_MASK } from "./constants.ts";
import { NetlinkDecodeError } from "./errors.ts";
import { formatAddress, formatIp6, formatPrefix6 } from "./ip-text.ts";

/** Fixed headers and attributes of one message, never past its end. Little-endian, as NetlinkWriter. */
export class NetlinkReader {
  readonly bytes: Uint8Array;
  /** Type of the attribute that next() stands on. */
  type = 0;
  #start: number;
  #length = 0;
  #next: number;

  /** `header`: octets of the fixed header before the first attribute. */
  constructor(bytes: Uint8Array, header: number) {
    if (bytes.length < header)
      throw new NetlinkDecodeError(`header of ${header} octets cut short`, bytes.length);
    this.bytes = bytes;
    this.#start = header;
    this.#next = (header + 3) & ~3;
  }

  // Octet by octet: a DataView a message costs more than it saves when 50,000 routes are read back.
  headerU8(at: number): number {
    return this.bytes[at] ?? 0;
  }

  headerU16(at: number): number {
    const { bytes } = this;
    return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  }

  headerI32(at: number): number {
    return this.headerU16(at) | (this.headerU16(at + 2) << 16);
  }

  headerU32(at: number): number {
    return this.headerI32(at) >>> 0;
  }

  /** Moves to the next attribute; false at the end. */
  next(): boolean {
    const at = this.#next;
    const left = this.bytes.length - at;
    if (left <= 0) return false;
    if (left < 4) throw new NetlinkDecodeError("attribute header cut short", at);
    const length = this.headerU16(at);
    if (length < 4 || length > left)
      throw new NetlinkDecodeError(`attribute of ${length} octets, ${left} are there`, at);
    this.type = this.headerU16(at + 2) & NLA_TYPE_MASK;
    this.#start = at + 4;
    this.#length = length - 4;
    this.#next = at + ((length + 3) & ~3);
    return true;
  }

  #need(octets: number): number {
    if (this.#length < octets)
      throw new NetlinkDecodeError(
        `attribute ${this.type} of ${this.#length} octets, ${octets} needed`,
        this.#start,
      );
    return this.#start;
  }

  u8(): number {
    return this.headerU8(this.#need(1));
  }

  u16(): number {
    return this.headerU16(this.#need(2));
  }

  u32(): number {
    return this.headerU32(this.#need(4));
  }

  u64(): bigint {
    const at = this.#need(8);
    return BigInt(this.headerU32(at)) | (BigInt(this.headerU32(at + 4)) << 32n);
  }

  /** The payload itself, not a copy. */
  payload(): Uint8Array {
    return this.bytes.subarray(this.#start, this.#start + this.#length);
  }

  /** Octets up to the first NUL, each one character. */
  text(): string {
    let text = "";
    for (let i = 0; i < this.#length; i++) {
      const code = this.headerU8(this.#start + i);
      if (code === 0) break;
      text += String.fromCharCode(code);
    }
    return text;
  }

  /** IPv4 or IPv6 by the attribute's length. */
  address(): string {
    if (this.#length === 16) return formatIp6(this.bytes, this.#start);
    const text = formatAddress(this.payload());
    if (text === undefined) throw new NetlinkDecodeError(`address of ${this.#length} octets`, this.#start);
    return text;
  }

  /** IPv4 or IPv6 by the attribute's length, with a prefix length behind it. */
  prefix(length: number): string {
    if (this.#length === 16) return formatPrefix6(this.bytes, this.#start, length);
    return `${this.address()}/${length}`;
  }

  nested(header = 0): NetlinkReader {
    return new NetlinkReader(this.payload(), header);
  }
}
