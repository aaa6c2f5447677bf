/** IPv4 addresses and prefixes, as far as translation needs them. An address is a number from 0 to 2^32 - 1. */

export interface Prefix4 {
  readonly address: number;
  /** 0..32. */
  readonly length: number;
}

/** Dotted quad without leading zeros; undefined for anything else. */
export function parseAddress4(text: string): number | undefined {
  if (text.length > 15) return undefined;
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** `ADDRESS/LENGTH`; undefined if it is none or if bits are set beyond the length. */
export function parsePrefix4(text: string): Prefix4 | undefined {
  const slash = text.indexOf("/");
  const digits = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9]|[12][0-9]|3[0-2])$/.test(digits)) return undefined;
  const address = parseAddress4(text.slice(0, slash));
  const length = Number(digits);
  if (address === undefined || address % sizeOf(length) !== 0) return undefined;
  return { address, length };
}

export function formatAddress4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function formatPrefix4({ address, length }: Prefix4): string {
  return `${formatAddress4(address)}/${length}`;
}

export function contains4(outer: Prefix4, inner: Prefix4): boolean {
  const size = sizeOf(outer.length);
  return inner.length >= outer.length && Math.floor(inner.address / size) * size === outer.address;
}

export function overlaps4(a: Prefix4, b: Prefix4): boolean {
  return contains4(a, b) || contains4(b, a);
}

/**
 * Not of the Internet: RFC 6890's registry, as far as it is not globally reachable. RFC 6052 section 3.1 forbids 64:ff9b::/96 for
 * these, and translators refuse them there.
 */
const NOT_GLOBAL: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];

export function isGlobal4(prefix: Prefix4): boolean {
  return !NOT_GLOBAL.some((text) => {
    const one = parsePrefix4(text);
    return one !== undefined && overlaps4(one, prefix);
  });
}

function sizeOf(length: number): number {
  return 2 ** (32 - length);
}
