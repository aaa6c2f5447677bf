import { formatAddress, parseAddress } from "@vsix/shared/net/address.ts";

/** Addresses of both families as captured DNS has them: 4 or 16 octets. */

export interface IpPrefix {
  readonly address: Uint8Array;
  readonly length: number;
}

export function formatIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join(".") : formatAddress(bytes);
}

export function parseIp(text: string): Uint8Array | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return parseAddress(text);
  return parts.every((part) => part < 256) ? Uint8Array.from(parts) : undefined;
}

/** An address alone is a prefix of its whole length. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const [, address = "", digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = parseIp(address);
  if (bytes === undefined) return undefined;
  const length = digits === undefined ? bytes.length * 8 : Number(digits);
  return length <= bytes.length * 8 ? { address: bytes, length } : undefined;
}

export function isInside({ address, length }: IpPrefix, bytes: Uint8Array): boolean {
  if (bytes.length !== address.length) return false;
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== address[i]) return false;
  const mask = (0xff00 >> (length & 7)) & 0xff;
  return (((bytes[whole] ?? 0) ^ (address[whole] ?? 0)) & mask) === 0;
}
