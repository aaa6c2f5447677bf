import { parseAddress } from "@vsix/shared/net/address.ts";

/** 4 or 16 octets of an address as text; undefined if it is none. */
export function parseIp(text: string): Uint8Array | undefined {
  if (!/^[0-9.]+$/.test(text)) return parseAddress(text);
  const mapped = parseAddress(`::ffff:${text}`);
  return mapped?.slice(12);
}

/** The same with a length behind a slash, or the whole address. */
export function parseIpPrefix(
  text: string,
): { readonly address: Uint8Array; readonly length: number } | undefined {
  const [address = "", digits, ...rest] = text.split("/");
  const octets = parseIp(address);
  if (octets === undefined || rest.length > 0) return undefined;
  const length = digits === undefined ? octets.length * 8 : /^\d{1,3}$/.test(digits) ? Number(digits) : -1;
  return length >= 0 && length <= octets.length * 8 ? { address: octets, length } : undefined;
}
