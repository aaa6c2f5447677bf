/** IPv6 addresses as text and as 16 octets. Text form: RFC 4291 section 2.2 in, RFC 5952 out. */

/** 16 octets, network order. */
export type AddressBytes = Uint8Array;

const COLON = 58;
const DOT = 46;

/**
 * Parses one IPv6 address, in any of the three forms of RFC 4291 section 2.2. No zone (`%eth0`), no brackets, no
 * white space, at most 45 characters; undefined for anything else.
 */
export function parseAddress(text: string): AddressBytes | undefined {
  const end = text.length;
  if (end < 2 || end > 45) return undefined;
  const bytes = new Uint8Array(16);
  let filled = 0;
  let gap = -1;
  let at = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return undefined;
    gap = 0;
    at = 2;
  }
  while (at < end) {
    if (filled > 14) return undefined;
    const start = at;
    let value = 0;
    let digit = hexDigit(text.charCodeAt(at));
    while (digit >= 0) {
      value = (value << 4) | digit;
      at += 1;
      if (at - start > 4) return undefined;
      digit = at < end ? hexDigit(text.charCodeAt(at)) : -1;
    }
    if (at === start) return undefined;
    if (at < end && text.charCodeAt(at) === DOT) {
      if (filled > 12 || !readDottedQuad(text, start, bytes, filled)) return undefined;
      filled += 4;
      at = end;
      break;
    }
    bytes[filled] = value >> 8;
    bytes[filled + 1] = value & 0xff;
    filled += 2;
    if (at === end) break;
    if (text.charCodeAt(at) !== COLON) return undefined;
    at += 1;
    if (at === end) return undefined;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = filled;
      at += 1;
    }
  }
  if (gap < 0) return filled === 16 ? bytes : undefined;
  // "::" stands for at least one group of zeros (RFC 4291 section 2.2, form 2).
  if (filled > 14) return undefined;
  bytes.copyWithin(16 - (filled - gap), gap, filled);
  bytes.fill(0, gap, 16 - (filled - gap));
  return bytes;
}

/**
 * Formats 16 octets as RFC 5952 says: lower case, no leading zeros, the longest run of two or more zero groups as
 * `::` (the first of equals), IPv4-mapped addresses with a dotted quad (section 5). Throws RangeError on other lengths.
 */
export function formatAddress(bytes: AddressBytes): string {
  if (bytes.length !== 16) throw new RangeError(`an IPv6 address has 16 octets, not ${bytes.length}`);
  let bestStart = -1;
  let bestLength = 1;
  let runStart = -1;
  for (let group = 0; group <= 8; group++) {
    const zero = group < 8 && bytes[group * 2] === 0 && bytes[group * 2 + 1] === 0;
    if (zero) {
      if (runStart < 0) runStart = group;
    } else if (runStart >= 0) {
      if (group - runStart > bestLength) {
        bestStart = runStart;
        bestLength = group - runStart;
      }
      runStart = -1;
    }
  }
  if (bestStart === 0 && bestLength === 5 && bytes[10] === 0xff && bytes[11] === 0xff) {
    return `::ffff:${bytes[12]}.${bytes[13]}.${bytes[14]}.${bytes[15]}`;
  }
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      text += "::";
      group += bestLength - 1;
      continue;
    }
    if (group > 0 && group !== bestStart + (bestStart < 0 ? 0 : bestLength)) text += ":";
    text += (((bytes[group * 2] ?? 0) << 8) | (bytes[group * 2 + 1] ?? 0)).toString(16);
  }
  return text;
}

/** The RFC 5952 text of an address written in any form; undefined if it is none. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  return bytes === undefined ? undefined : formatAddress(bytes);
}

/** Numerical order: negative, zero or positive. */
export function compareAddresses(a: AddressBytes, b: AddressBytes): number {
  for (let i = 0; i < 16; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Four decimal numbers 0..255 without leading zeros, to the end of the text. */
function readDottedQuad(text: string, start: number, into: Uint8Array, offset: number): boolean {
  const numbers = text.slice(start).split(".");
  if (numbers.length !== 4) return false;
  for (const [i, number] of numbers.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(number) || Number(number) > 255) return false;
    into[offset + i] = Number(number);
  }
  return true;
}
