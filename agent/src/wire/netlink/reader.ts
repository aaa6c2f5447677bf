import { NLA_TYPE_MASK } from "./constants.ts";
import { NetlinkDecodeError } from "./errors.ts";
import { formatAddress } from "./ip-text.ts";

const LE = true;

/** Fixed headers and attributes of one message, never past its end. */
export class NetlinkReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
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
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#start = header;
    this.#next = (header + 3) & ~3;
  }

  headerU8(at: number): number {
    return this.#view.getUint8(at);
  }

  headerU16(at: number): number {
    return this.#view.getUint16(at, LE);
  }

  headerU32(at: number): number {
    return this.#view.getUint32(at, LE);
  }

  headerI32(at: number): number {
    return this.#view.getInt32(at, LE);
  }

  /** Moves to the next attribute; false at the end. */
  next(): boolean {
    const at = this.#next;
    const left = this.bytes.length - at;
    if (left <= 0) return false;
    if (left < 4) throw new NetlinkDecodeError("attribute header cut short", at);
    const length = this.#view.getUint16(at, LE);
    if (length < 4 || length > left)
      throw new NetlinkDecodeError(`attribute of ${length} octets, ${left} are there`, at);
    this.type = this.#view.getUint16(at + 2, LE) & NLA_TYPE_MASK;
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
    return this.#view.getUint8(this.#need(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#need(2), LE);
  }

  u32(): number {
    return this.#view.getUint32(this.#need(4), LE);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#need(8), LE);
  }

  /** The payload itself, not a copy. */
  payload(): Uint8Array {
    return this.bytes.subarray(this.#start, this.#start + this.#length);
  }

  /** Octets up to the first NUL, each one character. */
  text(): string {
    let text = "";
    for (let i = 0; i < this.#length; i++) {
      const code = this.#view.getUint8(this.#start + i);
      if (code === 0) break;
      text += String.fromCharCode(code);
    }
    return text;
  }

  /** IPv4 or IPv6 by the attribute's length. */
  address(): string {
    const text = formatAddress(this.payload());
    if (text === undefined) throw new NetlinkDecodeError(`address of ${this.#length} octets`, this.#start);
    return text;
  }

  nested(header = 0): NetlinkReader {
    return new NetlinkReader(this.payload(), header);
  }
}
