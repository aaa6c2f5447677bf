import { type AddressBytes, compareAddresses, formatAddress, parseAddress } from "./address.ts";

/** An IPv6 prefix (RFC 4291 section 2.3). Bits beyond `length` are zero. */
export interface Prefix {
  readonly address: AddressBytes;
  /** 0..128. */
  readonly length: number;
}

/** An address together with the length of its on-link prefix, as on an interface: 2001:db8::1/127. */
export interface InterfaceAddress {
  readonly address: AddressBytes;
  readonly length: number;
}

/** Parses `ADDRESS/LENGTH`; undefined if it is none or if bits are set beyond the length. */
export function parsePrefix(text: string): Prefix | undefined {
  const parsed = parseInterfaceAddress(text);
  if (parsed === undefined || hasHostBits(parsed.address, parsed.length)) return undefined;
  return parsed;
}

/** Parses `ADDRESS/LENGTH`, whatever bits are set; undefined if it is none. */
export function parseInterfaceAddress(text: string): InterfaceAddress | undefined {
  const slash = text.indexOf("/");
  if (slash < 0 || text.length - slash > 4) return undefined;
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(digits)) return undefined;
  const length = Number(digits);
  const address = length <= 128 ? parseAddress(text.slice(0, slash)) : undefined;
  return address === undefined ? undefined : { address, length };
}

/** RFC 5952 text with the length. Also right for an InterfaceAddress. */
export function formatPrefix(prefix: Prefix | InterfaceAddress): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

/** The RFC 5952 text of a prefix written in any form; undefined if it is none or has bits beyond its length. */
export function canonicalPrefix(text: string): string | undefined {
  const prefix = parsePrefix(text);
  return prefix === undefined ? undefined : formatPrefix(prefix);
}

/** The prefix of this length that an address lies in. `length` 0..128. */
export function prefixOf(address: AddressBytes, length: number): Prefix {
  const masked = Uint8Array.from(address);
  const whole = length >> 3;
  if (whole < 16) {
    masked[whole] = (masked[whole] ?? 0) & (0xff00 >> (length & 7));
    masked.fill(0, whole + 1);
  }
  return { address: masked, length };
}

export function containsAddress(prefix: Prefix, address: AddressBytes): boolean {
  const whole = prefix.length >> 3;
  for (let i = 0; i < whole; i++) if (prefix.address[i] !== address[i]) return false;
  const rest = prefix.length & 7;
  return (
    rest === 0 || (((prefix.address[whole] ?? 0) ^ (address[whole] ?? 0)) & (0xff00 >> rest) & 0xff) === 0
  );
}

/** True when every address of `inner` lies in `outer`; a prefix contains itself. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return inner.length >= outer.length && containsAddress(outer, inner.address);
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? containsPrefix(a, b) : containsPrefix(b, a);
}

/** By address, then shorter first: an order in which a prefix comes right before what it contains. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  return compareAddresses(a.address, b.address) || a.length - b.length;
}

/** The `index`th (from 0) prefix of `length` inside `prefix`. RangeError if there is no such one. */
export function subnet(prefix: Prefix, length: number, index: number | bigint): Prefix {
  const bits = length - prefix.length;
  if (bits < 0 || length > 128) throw new RangeError(`no /${length} inside a /${prefix.length}`);
  const number = BigInt(index);
  if (number < 0n || number >> BigInt(bits) !== 0n) {
    throw new RangeError(`no subnet number ${number} of /${length} inside a /${prefix.length}`);
  }
  return { address: plus(prefix.address, number << BigInt(128 - length)), length };
}

/** The `index`th (from 0) address of a prefix. RangeError if there is no such one. */
export function addressAt(prefix: Prefix, index: number | bigint): AddressBytes {
  return subnet(prefix, 128, index).address;
}

function plus(address: AddressBytes, offset: bigint): AddressBytes {
  const sum = Uint8Array.from(address);
  let carry = offset;
  for (let i = 15; i >= 0 && carry !== 0n; i--) {
    carry += BigInt(sum[i] ?? 0);
    sum[i] = Number(carry & 0xffn);
    carry >>= 8n;
  }
  return sum;
}

function hasHostBits(address: AddressBytes, length: number): boolean {
  const whole = length >> 3;
  if (whole < 16 && ((address[whole] ?? 0) & (0xff >> (length & 7))) !== 0) return true;
  for (let i = whole + 1; i < 16; i++) if (address[i] !== 0) return true;
  return false;
}
